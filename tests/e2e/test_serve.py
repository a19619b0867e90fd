"""`grantexd serve` lets nobody in who was not let in, and `grantexd` does not share what it must own alone."""

import json
import os
import re
import stat
import subprocess

import pytest

from support import build, jwt, life
from support.server import DEV_KEY, Server

pytestmark = pytest.mark.sqlite


def grantexd(folder, *arguments):
    return subprocess.run(
        [build.GRANTEXD, *map(str, arguments)], env=build.environment(folder), stdin=subprocess.DEVNULL, capture_output=True,
        text=True, timeout=build.PATIENCE, check=False,
    )


def add_developer(server, *more):
    said = grantexd(server.folder, "add-developer", "--data", server.data, "--name", "Acme", *more)
    assert said.returncode == 0, said.stderr
    return json.loads(said.stdout)


def test_sign_up_is_closed_unless_it_was_opened(start):
    refused = start(command="serve").anonymous().post("/v1/signup", {"name": "Acme"})
    assert (refused.status, refused.json["code"]) == (403, "FORBIDDEN")
    opened = start("--open-signup", command="serve").anonymous().post("/v1/signup", {"name": "Acme"}).expect(201)
    assert opened["apiKey"].startswith("gx_live_") and len(opened["apiKey"]) == 51


def test_there_is_no_developer_before_one_was_added(start):
    server = start(command="serve")
    assert server.api(DEV_KEY).get("/v1/agents").status == 401
    added = add_developer(server)
    assert added["mode"] == "live" and added["apiKey"].startswith("gx_live_") and added["name"] == "Acme"
    api = server.api(added["apiKey"])
    assert api.get("/v1/agents").expect(200) == {"agents": [], "total": 0, "page": 1, "pageSize": 1000}
    assert "code" not in life.authorize(api, life.register(api))


def test_a_sandbox_developer_is_added_with_a_key_of_his_kind(start):
    server = start(command="serve")
    added = add_developer(server, "--mode", "sandbox", "--email", "Dev@Example.com")
    assert added["apiKey"].startswith("gx_test_") and added["email"] == "dev@example.com"
    assert life.new_grant(server.api(added["apiKey"])).id.startswith("grnt_")
    again = grantexd(server.folder, "add-developer", "--data", server.data, "--name", "B", "--email", "dev@example.com")
    assert again.returncode == 1 and "email" in again.stderr and again.stdout == ""


def test_tokens_and_links_carry_the_public_url(start):
    server = start("--public-url", "https://auth.example.com/", command="serve")
    api = server.api(add_developer(server)["apiKey"])
    asked = life.authorize(api, life.register(api))
    assert asked["consentUrl"] == f"https://auth.example.com/consent?req={asked['authRequestId']}"


@pytest.mark.parametrize("address", ["0.0.0.0:0", "127.example.com:0", "192.0.2.1:0", "[::]:0"])
def test_an_address_that_is_not_loopback_needs_a_proxy_in_front(tmp_path, address):
    said = grantexd(tmp_path, "serve", "--data", tmp_path / "data", "--listen", address)
    assert said.returncode == 2 and "--behind-proxy" in said.stderr and said.stdout == ""
    assert not (tmp_path / "data").exists()


def test_connections_are_not_counted_by_address_where_all_have_the_proxys(tmp_path):
    said = grantexd(tmp_path, "serve", "--data", tmp_path / "data", "--behind-proxy", "--connections-per-address", 10)
    assert said.returncode == 2 and "--connections-per-address" in said.stderr and said.stdout == ""
    assert not (tmp_path / "data").exists()


def test_dev_never_leaves_loopback(tmp_path):
    said = grantexd(tmp_path, "dev", "--data", tmp_path / "data", "--listen", "0.0.0.0:0")
    assert said.returncode == 2 and "loopback" in said.stderr


def test_a_data_folder_belongs_to_one_server(server):
    said = grantexd(server.folder, "dev", "--data", server.data, "--listen", "127.0.0.1:0", "--key", DEV_KEY)
    assert said.returncode == 1 and str(server.data) in said.stderr and said.stdout == ""
    assert server.api().get("/v1/agents").status == 200


def test_a_port_belongs_to_one_server(server, tmp_path):
    said = grantexd(server.folder, "dev", "--data", tmp_path / "other", "--listen", f"127.0.0.1:{server.port}", "--key", DEV_KEY)
    assert said.returncode == 1 and str(server.port) in said.stderr and said.stdout == ""


def test_a_first_start_makes_the_folder_the_developer_and_the_key(tmp_path):
    server = Server(tmp_path).start()
    assert jwt.verify(life.new_grant(server.api()).token, server.anonymous().get("/.well-known/jwks.json").json)
    server.finish()


def test_what_is_in_the_data_folder_is_for_its_owner_only(start):
    server = start("--open-signup", command="serve")
    life.new_grant(server.sign_up())
    assert stat.S_IMODE(os.stat(server.data).st_mode) == 0o700
    for name in os.listdir(server.data):
        assert stat.S_IMODE(os.stat(server.data / name).st_mode) & 0o077 == 0, name


def test_keys_are_not_written_down(server):
    api = server.sign_up()
    asked = life.authorize(api, life.register(api))
    code = life.approve(api, asked["authRequestId"])
    written = b"".join((server.data / name).read_bytes() for name in os.listdir(server.data)) + server.stderr().encode()
    for secret in (server.key, api.key, code):
        assert secret.encode() not in written


def test_a_store_is_named_by_a_url_as_well(tmp_path):
    named = f"sqlite:{tmp_path / 'data' / 'grantex.db'}"
    server = Server(tmp_path, command="serve", store=named).start()
    added = json.loads(grantexd(tmp_path, "add-developer", "--store", named, "--name", "Acme").stdout)
    life.register(server.api(added["apiKey"]))
    said = grantexd(tmp_path, "serve", "--data", server.data, "--listen", "127.0.0.1:0")
    assert said.returncode == 1 and str(server.data) in said.stderr
    server.finish()
    server = Server(tmp_path, command="serve").start()
    assert len(server.api(added["apiKey"]).get("/v1/agents").expect(200)["agents"]) == 1
    server.finish()


@pytest.mark.parametrize(
    "arguments",
    [
        [], ["frobnicate"], ["dev", "--nonsense"], ["dev", "--listen"], ["dev", "--listen", "127.0.0.1"], ["dev", "--listen", "127.0.0.1:99999"],
        ["dev", "--key", "short"], ["dev", "--heartbeat", "x"], ["dev", "--threads", "0"], ["dev", "--plan", "gold"],
        ["dev", "--rate-limits", "some"], ["dev", "--rate-limit-ip", "-1"], ["dev", "--rate-limit-key", "x"], ["serve"], ["serve", "--key", "x" * 20],
        ["serve", "--public-url", "ftp://x"], ["serve", "--store", "mysql://u:secret@h/d"],
        ["serve", "--store", "sqlite:"], ["serve", "--store", "sqlite:x", "--data", "y"], ["add-developer"], ["add-developer", "--data", "x", "--name", "x", "--mode", "y"],
    ],
    ids=" ".join,
)
def test_wrong_usage_is_told_on_stderr_with_status_2(tmp_path, arguments):
    said = grantexd(tmp_path, *arguments)
    assert said.returncode == 2 and said.stderr and said.stdout == ""


def test_a_data_folder_that_cannot_be_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    said = grantexd(tmp_path, "dev", "--listen", "127.0.0.1:0", "--data", tmp_path / "file" / "data")
    assert said.returncode == 1 and "file" in said.stderr


def test_a_database_that_is_none_is_told_and_left_alone(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "grantex.db").write_bytes(b"this is no database, but somebody needs it" * 100)
    said = grantexd(tmp_path, "dev", "--listen", "127.0.0.1:0", "--data", tmp_path / "data")
    assert said.returncode == 1 and said.stderr and said.stdout == ""
    assert (tmp_path / "data" / "grantex.db").read_bytes().startswith(b"this is no database")


def test_sigterm_ends_it_well_with_requests_and_streams_open(server):
    api = server.api(keep=True)
    life.register(api)
    assert server.terminate() == 0
    server.start()
    assert len(server.api().get("/v1/agents").expect(200)["agents"]) == 1


def test_every_option_is_in_the_manual():
    told = subprocess.run([build.GRANTEXD, "serve", "--help"], capture_output=True, text=True, check=True, timeout=build.PATIENCE).stdout
    manual = (build.ROOT / "docs/man/grantexd.8").read_text().replace("\\-", "-")
    options = set(re.findall(r"^  (--[a-z-]+)", told, re.MULTILINE))
    assert len(options) > 10 and {option for option in options if option not in manual} == set()
