#!/bin/bash
# Prints which grants were made and revoked since a time, then goes on with those of now.
#
#   GRANTEX_BASE_URL=http://127.0.0.1:8480 GRANTEX_API_KEY=gx_live_… ./replay_curl.sh 2026-03-01T12:00:00Z
set -o pipefail
curl -sSfNG -H "Authorization: Bearer $GRANTEX_API_KEY" "$GRANTEX_BASE_URL/v1/events/stream" \
    -d event_types=grant.created,grant.revoked --data-urlencode "since=$1" |
    jq -Rr --unbuffered 'select(startswith("data: ")) | .[6:] | fromjson | "\(.timestamp) \(.type) \(.data.grantId)"'
