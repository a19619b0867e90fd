#!/bin/bash
# Prints every authorization event until a budget is used up.
#
#   GRANTEX_BASE_URL=http://127.0.0.1:8480 GRANTEX_API_KEY=gx_live_… ./stream_curl.sh
while IFS= read -r line; do
    [[ $line == "data: "* ]] || continue
    event=${line#data: }
    jq -r '"Type: \(.type)", "ID: \(.id)", "Timestamp: \(.timestamp)", "Data: \(.data)"' <<<"$event"

    if [[ $(jq -r .type <<<"$event") == budget.exhausted ]]; then
        kill $! # closes the connection
        exit
    fi
done < <(exec curl -sSfN -H "Authorization: Bearer $GRANTEX_API_KEY" "$GRANTEX_BASE_URL/v1/events/stream")
wait $! # it has ended by itself: its exit status is ours
