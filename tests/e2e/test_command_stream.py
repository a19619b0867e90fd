"""`grantex events stream`: where it begins and ends, files, forwarding, cursors, over kill -9 of either side."""

import calendar
import contextlib
import datetime
import json
import os
import re
import signal
import subprocess
import time

import pytest

from support import build, life
from support.receiver import Receiver, signature
from test_command import Follower, grantex

START = "2020-01-01T00:00:00Z"


def log_of(api):
    return api.get("/v1/events?limit=1000").expect(200)["events"]


def lines_of(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def environment(server, **more):
    return build.environment(server.folder, GRANTEX_BASE_URL=server.url, GRANTEX_API_KEY=server.key, **more)


def streaming(server, *arguments, **more):
    return subprocess.Popen(
        [build.GRANTEX, "events", "stream", *map(str, arguments)], env=environment(server, **more), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )


def ends_well(process):
    out, errors = process.communicate(timeout=build.PATIENCE)
    assert process.returncode == 0, errors
    return out, errors


def until(condition, what):
    deadline = time.monotonic() + build.PATIENCE
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.01)


# --- where it ends ---


def test_until_now_shows_what_is_there_and_ends(server, sandbox):
    for _ in range(3):
        life.new_grant(sandbox)
    said = grantex(server, "events", "stream", "--since", START, "--until", "now")
    assert said.returncode == 0, said.stderr
    assert [json.loads(line) for line in said.stdout.splitlines()] == log_of(sandbox)


def test_until_now_ends_also_where_the_last_events_are_filtered_out(server, sandbox):
    grant = life.new_grant(sandbox)
    life.allocate(sandbox, grant, 100)
    for _ in range(5):
        life.refresh(sandbox, grant)
    said = grantex(server, "events", "stream", "--since", START, "--types", "grant.*", "--until", "now")
    assert said.returncode == 0 and [json.loads(line)["type"] for line in said.stdout.splitlines()] == ["grant.created"]
    said = grantex(server, "events", "stream", "--since", START, "--types", "budget.*", "--until", "now")
    assert (said.returncode, said.stdout) == (0, "")


def test_until_now_of_an_empty_log_and_of_no_start_is_nothing(server, sandbox):
    assert grantex(server, "events", "stream", "--since", START, "--until", "now").stdout == ""
    life.new_grant(sandbox)
    said = grantex(server, "events", "stream", "--until", "now")
    assert (said.returncode, said.stdout) == (0, "")


def test_until_a_time_shows_what_is_older(server, sandbox):
    life.new_grant(sandbox)
    newest = log_of(sandbox)[-1]["timestamp"]
    until(lambda: life.new_grant(sandbox) and log_of(sandbox)[-2]["timestamp"] > newest, "the clock goes on")
    border = log_of(sandbox)[-2]["timestamp"]
    said = grantex(server, "events", "stream", "--since", START, "--until", border)
    older = [event for event in log_of(sandbox) if event["timestamp"] < border]
    assert said.returncode == 0 and older and [json.loads(line) for line in said.stdout.splitlines()] == older


def test_until_a_time_to_come_waits_for_it_and_misses_nothing_before(server, sandbox):
    life.new_grant(sandbox)
    end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=2)
    border = end.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    process = streaming(server, "--since", START, "--until", border)
    life.new_grant(sandbox)  # on a slow machine it comes too late, and must be left out then
    out, _ = ends_well(process)
    assert datetime.datetime.now(datetime.timezone.utc) >= end - datetime.timedelta(milliseconds=1)
    assert [json.loads(line) for line in out.splitlines()] == [event for event in log_of(sandbox) if event["timestamp"] < border]


def test_only_one_grants_events(server, sandbox):
    life.new_grant(sandbox)
    grant = life.new_grant(sandbox)
    life.revoke(sandbox, grant)
    said = grantex(server, "events", "stream", "--since", START, "--until", "now", "--grant", grant.id)
    events = [json.loads(line) for line in said.stdout.splitlines()]
    assert [event["type"] for event in events] == ["grant.created", "token.issued", "grant.revoked"]
    assert {event["data"]["grantId"] for event in events} == {grant.id}


# --- into a file ---


def test_a_file_gets_each_event_once_over_runs(server, sandbox, tmp_path):
    path = tmp_path / "events.jsonl"
    for number in range(1, 4):
        life.new_grant(sandbox)
        said = grantex(server, "events", "stream", "--since", START, "--until", "now", "--output", path)
        assert said.returncode == 0 and said.stdout == "", said.stderr
        assert lines_of(path) == log_of(sandbox) and len(log_of(sandbox)) == 2 * number


def test_a_file_rotates_by_number_and_by_size_and_no_line_is_lost_or_repeated(server, sandbox, tmp_path):
    for _ in range(10):
        life.new_grant(sandbox)
    by_number, by_size = tmp_path / "number.jsonl", tmp_path / "size.jsonl"
    assert grantex(server, "events", "stream", "--since", START, "--until", "now", "--output", by_number, "--rotate-events", 7).returncode == 0
    assert [len(lines_of(path)) for path in in_order(by_number)] == [7, 7, 6]
    assert grantex(server, "events", "stream", "--since", START, "--until", "now", "--output", by_size, "--rotate-size", "1K").returncode == 0
    assert len(in_order(by_size)) > 3 and all(path.stat().st_size <= 1024 for path in in_order(by_size))
    for base in (by_number, by_size):
        assert [event for path in in_order(base) for event in lines_of(path)] == log_of(sandbox)


def in_order(path):
    return sorted(path.parent.glob(path.name + ".*")) + [path]


def kept(path):
    """The whole lines; while it is read the last part may get another name, or have half a line at its end."""
    text = ""
    for part in in_order(path):
        with contextlib.suppress(FileNotFoundError):
            text += part.read_text()
    return [json.loads(line) for line in text.split("\n")[:-1]]


def test_kill_9_of_command_and_server_in_the_middle_loses_and_repeats_nothing(server, sandbox, tmp_path):
    """Again and again, while it writes and rotates; whatever half a line was left is cut off by the next run."""
    path = tmp_path / "events.jsonl"
    command = ("--since", START, "--output", path, "--rotate-events", 5)
    for number in range(8):
        process = streaming(server, *command)
        wanted = 4 * number + 3
        life.new_grant(sandbox)
        if number % 2:
            server.restart()
        life.new_grant(sandbox)
        until(lambda: len(kept(path)) >= wanted, "the file grows")
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close(), process.stderr.close()
    assert grantex(server, "events", "stream", *command, "--until", "now").returncode == 0
    assert kept(path) == log_of(sandbox) and len(log_of(sandbox)) == 32


def test_half_a_line_is_cut_off_and_written_whole(server, sandbox, tmp_path):
    path = tmp_path / "events.jsonl"
    life.new_grant(sandbox)
    command = ("events", "stream", "--since", START, "--until", "now", "--output", path)
    assert grantex(server, *command).returncode == 0
    whole = path.read_bytes()
    first = whole.index(b"\n") + 1
    for cut in (first + 1, first + 8, len(whole) - 1, 1, first - 1, 0):
        path.write_bytes(whole[:cut])
        said = grantex(server, *command)
        assert said.returncode == 0, (cut, said.stderr)
        assert path.read_bytes() == whole, cut


def test_a_kill_between_the_steps_of_a_rotation_loses_nothing(server, sandbox, tmp_path):
    path = tmp_path / "events.jsonl"
    life.new_grant(sandbox)
    command = ("events", "stream", "--since", START, "--until", "now", "--output", path)
    assert grantex(server, *command).returncode == 0
    path.rename(tmp_path / "events.jsonl.000001")  # and the new one was not made yet
    life.new_grant(sandbox)
    assert grantex(server, *command).returncode == 0
    assert [event["seq"] for event in kept(path)] == [1, 2, 3, 4]


@pytest.mark.parametrize("content", [b"a note\n", b"a note", b'{"id":1}\n', b'{"other":"json"}\n', b"\n", b'{"id":"evt_1"}\nnotes'])
def test_a_file_of_something_else_is_left_as_it_is(server, tmp_path, content):
    path = tmp_path / "notes.txt"
    path.write_bytes(content)
    said = grantex(server, "events", "stream", "--until", "now", "--output", path)
    assert said.returncode == 5 and "notes.txt" in said.stderr and "another name" in said.stderr
    assert path.read_bytes() == content


def test_two_commands_do_not_write_one_file(server, sandbox, tmp_path):
    life.new_grant(sandbox)
    path = tmp_path / "events.jsonl"
    first = streaming(server, "--since", START, "--output", path)
    until(lambda: path.exists() and len(kept(path)) == 2, "the first one writes")
    said = grantex(server, "events", "stream", "--output", path)
    assert said.returncode == 5 and "another command writes" in said.stderr
    first.send_signal(signal.SIGINT)
    assert first.wait(build.PATIENCE) == 130
    assert f"--output {path}" in first.stderr.read()
    first.stdout.close(), first.stderr.close()


def test_a_full_disk_is_told_and_leaves_whole_lines(server, sandbox, tmp_path):
    for _ in range(5):
        life.new_grant(sandbox)
    path = tmp_path / "events.jsonl"
    limited = f"ulimit -f 2; trap '' XFSZ; exec {build.GRANTEX} events stream --since {START} --until now --output {path}"
    said = subprocess.run(["bash", "-c", limited], env=environment(server), capture_output=True, text=True, timeout=build.PATIENCE, check=False)
    assert said.returncode == 5 and "cannot be written" in said.stderr
    assert path.read_bytes().endswith(b"}\n") and 0 < len(lines_of(path)) < 10
    assert grantex(server, "events", "stream", "--since", START, "--until", "now", "--output", path).returncode == 0
    assert lines_of(path) == log_of(sandbox)


# --- to a receiver ---


def test_events_are_posted_as_the_servers_webhooks_are(server, sandbox, receiver, tmp_path):
    life.new_grant(sandbox)
    secret = tmp_path / "secret"
    secret.write_text("s3cret-of-mine\n")
    process = streaming(server, "--since", START, "--forward-to", receiver.url(), "--secret-file", secret)
    receiver.wait_for(2)
    life.new_grant(sandbox)
    assert receiver.wait_for(4) == log_of(sandbox)
    for _, headers, body in receiver.posts:
        stamp = headers["X-Grantex-Timestamp"].encode()
        assert headers["X-Grantex-Signature"] == signature("s3cret-of-mine", body)
        assert headers["X-Grantex-Signature-V2"] == signature("s3cret-of-mine", stamp, body)
        assert headers["X-Grantex-Event-Id"] == json.loads(body)["id"]
        assert re.fullmatch("whd_[0-9A-Z]{26}", headers["X-Grantex-Delivery-Id"]) and headers["Content-Type"] == "application/json"
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=build.PATIENCE)
    # The signal may come before the answer to the last post: then that event is not taken for delivered.
    places = [f"--after {event['id']}" for event in log_of(sandbox)[2:]]
    assert process.returncode == 143 and any(place in errors for place in places) and "s3cret" not in errors


def test_a_post_is_the_same_as_the_servers_own(start):
    """Side by side: a webhook of the server and the command, to one receiver, under the same secret."""
    server, receiver = start(), Receiver()
    try:
        api = server.api()
        made = api.post("/v1/webhooks", {"url": receiver.url("/server"), "events": ["*"]}).expect(201)
        process = streaming(server, "--forward-to", receiver.url("/command"), GRANTEX_WEBHOOK_SECRET=made["secret"])
        until(lambda: life.new_grant(api) and receiver.events("/command"), "the command has begun")
        event = receiver.events("/command")[0]
        receiver.wait(lambda: event in receiver.events("/server"), "the server posts it too")
        own, ours = ({name.lower(): value for name, value in headers.items()} for at in ("/server", "/command")
                     for path, headers, body in receiver.posts if path == at and json.loads(body) == event)
        assert set(own) == set(ours)
        for name in ("x-grantex-signature", "x-grantex-event-id", "content-type", "user-agent"):
            assert own[name] == ours[name], name
        assert {body for _, _, body in receiver.posts if json.loads(body) == event} == {json.dumps(event, separators=(",", ":")).encode()}
        process.kill()
        process.communicate()
    finally:
        receiver.close()


def test_a_receiver_that_fails_gets_the_event_again_and_no_other_before_it(server, sandbox, receiver):
    life.new_grant(sandbox)
    answers = iter([500, 503, 302])
    receiver.answer = lambda post: next(answers, 204)
    process = streaming(server, "--since", START, "--until", "now", "--forward-to", receiver.url())
    _, errors = ends_well(process)
    first, second = log_of(sandbox)
    assert receiver.events() == [first, first, first, first, second]
    ids = {headers["X-Grantex-Delivery-Id"] for _, headers, _ in receiver.posts[:4]}
    assert len(ids) == 1 and all(f"HTTP {status}" in errors for status in (500, 503, 302))
    secret = re.search(r"signing secret of this run: ([0-9a-f]{48})\n", errors)[1]
    assert receiver.posts[0][1]["X-Grantex-Signature"] == signature(secret, receiver.posts[0][2])


def test_a_receiver_that_refuses_for_good_ends_it_with_status_6_and_the_place(server, sandbox, receiver):
    life.new_grant(sandbox)
    taken, refused = log_of(sandbox)
    receiver.answer = lambda post: 204 if json.loads(post[2])["seq"] == 1 else 410
    said = grantex(server, "events", "stream", "--since", START, "--forward-to", receiver.url(), "--max-attempts", "1")
    assert said.returncode == 6 and f"{refused['id']} was not taken: HTTP 410" in said.stderr
    assert f"resume: grantex events stream --after {taken['id']}" in said.stderr
    said = grantex(server, "events", "stream", "--since", START, "--forward-to", "http://127.0.0.1:1/", "--max-attempts", "1")
    assert said.returncode == 6 and "127.0.0.1" in said.stderr


def test_forwarding_goes_on_by_its_cursor_file_over_kill_9_of_all_three(server, sandbox, tmp_path):
    """At least once and in order: a post whose answer was not seen comes again, nothing is left out."""
    cursor, receiver = tmp_path / "cursor", Receiver()
    seen = []
    for number in range(4):
        process = streaming(server, "--since", START, "--forward-to", receiver.url(), "--cursor", cursor)
        life.new_grant(sandbox)
        server.restart()
        life.new_grant(sandbox)
        receiver.wait(lambda: receiver.posts and json.loads(receiver.posts[-1][2])["seq"] >= 4 * number + 3, "nearly all came")
        process.send_signal(signal.SIGKILL)
        process.communicate()
        seen += [event["seq"] for event in receiver.events()]
        receiver.close()
        receiver = Receiver(receiver.port if number % 2 else None)
    process = streaming(server, "--since", START, "--until", "now", "--forward-to", receiver.url(), "--cursor", cursor)
    ends_well(process)
    seen += [event["seq"] for event in receiver.events()]
    receiver.close()
    firsts = [seq for place, seq in enumerate(seen) if seq not in seen[:place]]
    assert firsts == list(range(1, 17)) and len(seen) <= 16 + 4
    assert cursor.read_text() == log_of(sandbox)[-1]["id"] + "\n"


def test_a_signal_ends_it_while_a_receiver_hangs(server, sandbox, receiver):
    life.new_grant(sandbox)
    receiver.answer = lambda post: None
    process = streaming(server, "--since", START, "--forward-to", receiver.url())
    receiver.wait_for(1)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=build.PATIENCE)
    assert process.returncode == 130


# --- cursors ---


def test_printing_goes_on_by_a_cursor_file(server, sandbox, tmp_path):
    cursor = tmp_path / "cursor"
    for _ in range(2):
        life.new_grant(sandbox)
        said = grantex(server, "events", "stream", "--since", START, "--until", "now", "--cursor", cursor)
        assert [json.loads(line) for line in said.stdout.splitlines()] == log_of(sandbox)[-2:]


def test_a_cursor_file_of_something_else_is_left_as_it_is(server, tmp_path):
    path = tmp_path / "notes"
    for content in ("a note\n", "evt_half"):
        path.write_text(content)
        said = grantex(server, "events", "stream", "--cursor", path)
        assert said.returncode == 5 and "no cursor file" in said.stderr and path.read_text() == content


def test_the_line_that_says_how_to_go_on_can_be_pasted(server, sandbox):
    grant = life.new_grant(sandbox)
    follower = Follower(server, "--json", "--since", START, "--types", "token.*", "--grant", grant.id)
    follower.wait_events(1)
    assert follower.end() == 130
    line = next(line for line in follower.notices if line.startswith("resume: ")).removeprefix("resume: ")
    life.refresh(sandbox, grant)
    pasted = line.strip().replace("grantex", str(build.GRANTEX), 1) + " --until now"
    said = subprocess.run(["sh", "-c", pasted], env=environment(server), capture_output=True, text=True, timeout=build.PATIENCE, check=False)
    assert said.returncode == 0 and [json.loads(out)["seq"] for out in said.stdout.splitlines()] == [3]


def test_the_line_that_says_how_to_go_on_counts_no_hour_anew(server, sandbox, tmp_path):
    life.new_grant(sandbox)
    began = time.time()
    said = grantex(server, "events", "stream", "--since", "1h", "--forward-to", "http://127.0.0.1:1/", "--max-attempts", "1", "--cursor", tmp_path / "c")
    assert said.returncode == 6, said.stderr
    since = calendar.timegm(time.strptime(re.search(r"resume: .* --since (\S+Z)", said.stderr)[1], "%Y-%m-%dT%H:%M:%SZ"))
    assert int(began) - 3600 <= since <= time.time() - 3600


def test_the_line_that_says_how_to_go_on_ends_when_it_would_have_ended(server, sandbox, tmp_path):
    life.new_grant(sandbox)
    began = time.time()
    said = grantex(server, "events", "stream", "--since", START, "--until", "+1h", "--forward-to", "http://127.0.0.1:1/", "--max-attempts", "1", "--cursor", tmp_path / "c")
    assert said.returncode == 6, said.stderr
    told = re.search(r"resume: .* --until (\S+)\.(\d{3})Z", said.stderr)
    ends = calendar.timegm(time.strptime(told[1], "%Y-%m-%dT%H:%M:%S")) + int(told[2]) / 1000
    assert began + 3600 - 0.001 <= ends <= time.time() + 3600


# --- gaps, wrong use ---


def test_a_gap_is_told_with_its_numbers_and_can_be_the_end(start, request):
    server = start("--retain-events", "2", "--retain-every", "100")
    api = server.api()
    life.new_grant(api)
    first = log_of(api)[0]["id"]
    life.new_grant(api)
    until(lambda: api.get(f"/v1/events?after={first}&on_gap=fail").status == 410, "the log is trimmed")
    said = grantex(server, "events", "stream", "--after", first, "--until", "now")
    assert said.returncode == 0 and "GAP seq 2 to" in said.stderr and "trimmed" in said.stderr and "token.issued" in said.stderr
    said = grantex(server, "events", "stream", "--after", first, "--on-gap", "fail")
    assert said.returncode == 7 and said.stdout == "" and "--on-gap" in said.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["--until", "yesterday"], ["--until", "10"], ["--rotate-size", "1M"], ["--output", "f", "--rotate-size", "1X"], ["--output", "f", "--cursor", "c"],
        ["--output", "f", "--rotate-size", "1023"], ["--until", "+999999999d"],
        ["--output", "f", "--rotate-events", "0"], ["--output", "f", "--forward-to", "http://127.0.0.1/"], ["--forward-to", "ftp://h/"], ["--forward-to", "h"],
        ["--max-attempts", "3"], ["--forward-to", "http://127.0.0.1/", "--max-attempts", "none"], ["--on-gap", "cry"], ["--secret-file", "s"],
        ["--since", "yesterday"], ["--since", "2026-03-01"], ["--since", "+15m"], ["--since", ""], ["--grant", ""], ["--grant", "grnt_1"],
        ["--grant", "agnt_01ARZ3NDEKTSV4RRFFQ69G5FAV"], ["--grant", "grnt_81ARZ3NDEKTSV4RRFFQ69G5FAV"], ["--grant", "grnt_01ARZ3NDEKTSV4RRFFQ69G5FAU"],
    ],
    ids=" ".join,
)
def test_wrong_use_is_told_before_anything_is_done(server, arguments):
    said = subprocess.run([build.GRANTEX, "events", "stream", *arguments], cwd=server.folder, env=environment(server), capture_output=True, text=True,
                          timeout=build.PATIENCE, check=False)
    assert said.returncode == 2 and "--help says more" in said.stderr
    assert not any((server.folder / name).exists() for name in "fc")


def test_a_wrong_since_or_grant_is_told_with_what_it_may_be(server):
    said = grantex(server, "events", "stream", "--since", "yesterday")
    assert all(form in said.stderr for form in ("now", "90s", "15m", "2h", "7d", "2026-03-01T12:00:00Z", "offset"))
    assert "grnt_ and the 26 characters" in grantex(server, "events", "stream", "--grant", "").stderr
    assert grantex(server, "events", "stream", "--since", "now", "--until", "now").returncode == 0


def test_output_that_cannot_be_opened_is_told(server):
    said = grantex(server, "events", "stream", "--output", "/no/such/folder/f")
    assert said.returncode == 5 and "/no/such/folder" in said.stderr
    assert os.access("/dev/full", os.W_OK)
    said = grantex(server, "events", "stream", "--output", "/dev/full")
    assert said.returncode == 5
