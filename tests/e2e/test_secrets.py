"""No secret is in a log or in a refusal: every test of this folder looks for that at its end. Here: that it would be found."""

import os
import pathlib
import subprocess
import sys

import pytest

from support import build, life, secrets_told

HERE = pathlib.Path(__file__).parent

LEAKS = {
    "a key in the log": ("server.errors.open('a').write(api.key)", "server-1's log has the apiKey in the answer of POST /v1/signup"),
    "a cookie in the log": (
        "server.errors.open('a').write(api.post('/v1/session').headers['set-cookie'].split(';')[0].split('=')[1])",
        "server-1's log has the cookie of POST /v1/session",
    ),
    "a token in a refusal": (
        "secrets.add_refusal('GET /v1/x', life.new_grant(api).token.encode())",
        "the refusal of GET /v1/x has the grantToken in the answer of POST /v1/token",
    ),
    "nothing": ("life.new_grant(api); api.get('/v1/grants/x').expect(404)", None),
}


@pytest.mark.parametrize("leak", LEAKS)
def test_a_test_whose_server_tells_a_secret_fails_and_does_not_repeat_it(tmp_path, leak):
    doing, found = LEAKS[leak]
    inner = tmp_path / "test_inner.py"
    inner.write_text(f"from support import life\n\ndef test_inner(server, api, secrets):\n    {doing}\n    print('THE' + 'KEY', api.key)\n")
    environment = {**os.environ, "PYTHONPATH": str(HERE), "GRANTEX_BUILD_DIR": str(build.FOLDER)}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "conftest", "-p", "no:cacheprovider", "--show-capture=stderr", "--rootdir", tmp_path, inner],
        cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=build.PATIENCE, check=False,
    )
    assert (done.returncode != 0) == (found is not None), done.stdout
    assert found is None or found in done.stdout
    assert "1 passed" in done.stdout and "gx_live_" not in done.stdout.replace("gx_live_…", "")


def test_each_kind_of_secret_is_known(server, api, sandbox, secrets):
    grant = life.new_grant(api)
    webhook = api.post("/v1/webhooks", {"url": "https://hooks.example.com/x", "events": ["grant.*"]}).expect(201)
    session = api.post("/v1/principal-sessions", {"principalId": "user_abc123"}).expect(201)
    code = life.authorize(sandbox, life.register(sandbox))["code"]
    cookie = api.post("/v1/session")
    told = [
        api.key, sandbox.key, grant.token, grant.refresh_token, code, webhook["secret"], session["sessionToken"], cookie.json["csrfToken"],
        cookie.headers["set-cookie"].split(";")[0].split("=", 1)[1], api.post("/v1/events/tickets").expect(201)["ticket"],
        api.post("/v1/keys", {"name": "x", "scopes": ["admin"]}).expect(201)["apiKey"],
    ]
    log = server.folder / "told"
    log.write_text("\n".join(told))
    trial = secrets_told.Record()
    trial.__dict__.update({**vars(secrets), "_logs": {log: None}})
    assert len(trial.told()) == len(told)


@pytest.mark.parametrize("text", ["", "short", "x" * 40, "NOT_FOUND_AT_ALL_HERE", "not-a-real-token-at-all", None, 7, ["x"]])
def test_what_could_stand_there_by_chance_is_no_secret(tmp_path, text):
    log = tmp_path / "stderr"
    log.write_text(f"{text} and more")
    record = secrets_told.Record()
    record.add_log(log)
    record.add(text, "nowhere")
    record.add_members(b'{"code": "NOT_FOUND", "token": [{}], "secret": null}', "nowhere")
    record.add_members(b'{"token": ', "nowhere")
    assert record.told() == []
