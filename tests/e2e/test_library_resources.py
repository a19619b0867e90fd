"""Every call of libgrantex beside the events, by tests/consumer/resources.c, against a real server."""

import subprocess

import pytest

from support import build

STEPS = ["agents", "consent", "denial", "tokens", "budgets", "webhooks", "principals", "keys", "raw", "all"]


@pytest.mark.parametrize("mode", ["sandbox", "live"])
def test_every_call_works_as_the_header_says(server, mode):
    key = server.key if mode == "sandbox" else server.sign_up(mode="live").key
    done = subprocess.run(
        [build.FOLDER / "tests/bin/resources", mode, "http://127.0.0.1:9/hook"],
        env=build.environment(server.folder, GRANTEX_BASE_URL=server.url, GRANTEX_API_KEY=key),
        capture_output=True, text=True, timeout=build.PATIENCE, check=False,
    )
    assert (done.returncode, done.stdout.splitlines(), done.stderr) == (0, STEPS, "")
