#!/bin/bash
# Lets something happen: a grant is approved (in `grantexd dev` the sandbox consents by itself), gets a token and a budget of
# 1000, and its agent spends that in three steps.
#
#   GRANTEX_BASE_URL=http://127.0.0.1:8480 GRANTEX_API_KEY=gx_test_… ./grant_life.sh
set -euo pipefail
post() {
    curl -sSf -H "Authorization: Bearer $GRANTEX_API_KEY" -H 'Content-Type: application/json' "$GRANTEX_BASE_URL$1" -d @-
}

agent=$(grantex agents register invoicer --json | jq -r .agentId)
code=$(jq -n --arg agent "$agent" \
    '{agentId: $agent, principalId: "user_abc123", scopes: ["calendar:read", "contacts:read"]}' | post /v1/authorize | jq -r .code)
grant=$(jq -n --arg agent "$agent" --arg code "$code" '{agentId: $agent, code: $code}' | post /v1/token | jq -r .grantId)

grantex budgets allocate "$grant" 1000 >/dev/null
for amount in 500 300 200; do
    echo "$amount spent, $(grantex budgets debit "$grant" "$amount" --json | jq '.remaining | tonumber') left"
done
echo "and now, perhaps: grantex grants revoke $grant"
