#!/bin/bash
# Handles each event in the background while the script does something else: here, wait for Enter.
#
#   GRANTEX_BASE_URL=http://127.0.0.1:8480 GRANTEX_API_KEY=gx_live_… ./subscribe_curl.sh
handle_events() {
    jq -Rr --unbuffered 'select(startswith("data: ")) | .[6:] | fromjson |
        if .type == "grant.created" then "New grant: \(.data.grantId)"
        elif .type == "grant.revoked" then "Grant revoked: \(.data.grantId)"
        elif .type == "budget.threshold" then "Budget at \(.data.percentage)%"
        elif .type == "budget.exhausted" then "Budget exhausted for \(.data.grantId)"
        else empty end'
}

curl -sSfN -H "Authorization: Bearer $GRANTEX_API_KEY" "$GRANTEX_BASE_URL/v1/events/stream" > >(handle_events) &
subscription=$!

read -r

kill $subscription # closes the connection
