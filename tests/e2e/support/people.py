"""What the pages for people are tried with."""

SCRIPT = "<script>document.title='caught'</script>"

# One of each kind: harmless, one that cannot be undone, one that costs money, one that nobody has described.
SCOPES = ["calendar:read", "contacts:read", "email:send", "payments:initiate:max_50", "ledger:close"]


def invoicer(api):
    body = {
        "name": "Invoicer", "description": "Writes your invoices, pays the small ones and keeps your calendar tidy.", "scopes": SCOPES,
    }
    return api.post("/v1/agents", body).expect(201)


def planner(api):
    body = {"name": "Meeting planner", "description": "Finds a time that suits everybody.", "scopes": ["calendar:read", "calendar:write"]}
    return api.post("/v1/agents", body).expect(201)
