#!/bin/bash
# Prints every authorization event until a budget is used up. (`grantex events stream` alone prints one line for each.)
#
#   GRANTEX_BASE_URL=http://127.0.0.1:8480 GRANTEX_API_KEY=gx_live_… ./stream_cli.sh
set -o pipefail
grantex events stream | jq -nr --unbuffered '
    label $done | inputs |
    "Type: \(.type)", "ID: \(.id)", "Timestamp: \(.timestamp)", "Data: \(.data)",
    (select(.type == "budget.exhausted") | break $done)'
