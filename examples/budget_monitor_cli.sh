#!/bin/bash
# Revokes each grant whose budget is used up, so that its agent can do no more.
#
#   GRANTEX_BASE_URL=http://127.0.0.1:8480 GRANTEX_API_KEY=gx_live_… ./budget_monitor_cli.sh
set -o pipefail
grantex events stream --types budget.threshold,budget.exhausted |
    jq -r --unbuffered '"\(.type) \(.data.grantId) \(.data.percentage)"' |
    while read -r type grant percentage; do
        case $type in
        budget.threshold)
            echo "Budget alert: $percentage% used for grant $grant" ;;
        budget.exhausted)
            echo "Budget exhausted for grant $grant"
            grantex grants revoke "$grant" ;;
        esac
    done
