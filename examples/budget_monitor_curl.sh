#!/bin/bash
# Revokes each grant whose budget is used up, so that its agent can do no more.
#
#   GRANTEX_BASE_URL=http://127.0.0.1:8480 GRANTEX_API_KEY=gx_live_… ./budget_monitor_curl.sh
set -o pipefail
grantex_curl() {
    curl -sSf -H "Authorization: Bearer $GRANTEX_API_KEY" "$@"
}

grantex_curl -N "$GRANTEX_BASE_URL/v1/events/stream?event_types=budget.threshold,budget.exhausted" |
    jq -Rr --unbuffered 'select(startswith("data: ")) | .[6:] | fromjson | "\(.type) \(.data.grantId) \(.data.percentage)"' |
    while read -r type grant percentage; do
        case $type in
        budget.threshold)
            echo "Budget alert: $percentage% used for grant $grant" ;;
        budget.exhausted)
            echo "Budget exhausted for grant $grant"
            grantex_curl -X DELETE "$GRANTEX_BASE_URL/v1/grants/$grant" ;;
        esac
    done
