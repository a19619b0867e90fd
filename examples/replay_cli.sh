#!/bin/bash
# Prints which grants were made and revoked since a time, then goes on with those of now. The time may be 15m, 2h, 7d, too.
#
#   GRANTEX_BASE_URL=http://127.0.0.1:8480 GRANTEX_API_KEY=gx_live_… ./replay_cli.sh 2026-03-01T12:00:00Z
set -o pipefail
grantex events stream --types grant.created,grant.revoked --since "$1" |
    jq -r --unbuffered '"\(.timestamp) \(.type) \(.data.grantId)"'
