"""What every refusal looks like."""

import re

UUID = re.compile(r"^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")


def check_refusal(answer, statuses=range(400, 500)):
    """What is wrong with a refusal, "" if nothing."""
    if answer.status not in statuses:
        return f"status {answer.status}: {answer.body[:200]!r}"
    if answer.headers.get("content-type") != "application/json":
        return f"content type {answer.headers.get('content-type')}"
    envelope = answer.json
    if set(envelope) != {"message", "code", "requestId"} or not envelope["message"] or not envelope["code"]:
        return f"envelope {envelope}"
    if envelope["requestId"] != answer.headers.get("x-request-id") or not UUID.match(envelope["requestId"]):
        return f"request id {envelope['requestId']} and {answer.headers.get('x-request-id')}"
    return ""
