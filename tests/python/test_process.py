"""What is about the process: Ctrl-C, fork, the end of the program."""

import signal
import subprocess
import sys
import textwrap

import pytest

import programs
from support import life

PAST = "2020-01-01T00:00:00Z"


def wait_line(process, wanted):
    line = process.stdout.readline().strip()
    assert line == wanted, line + process.stderr.read()


def test_ctrl_c_ends_a_plain_for_at_once(server, streams):
    process = programs.start(server, """
        try:
            say("reading")
            for event in client.events.stream():
                pass
        except KeyboardInterrupt:
            say("interrupted")
        client.close()
    """)
    wait_line(process, "reading")
    streams.wait(1)
    process.send_signal(signal.SIGINT)
    assert programs.end(process) == ["interrupted"]


def test_a_handler_of_a_signal_runs_while_a_plain_for_waits(server, api, streams):
    process = programs.start(server, """
        signal.signal(signal.SIGUSR1, lambda *_: say("signalled"))
        say("reading")
        for event in client.events.stream():
            say(event.type)
            break
        client.close()
    """)
    wait_line(process, "reading")
    streams.wait(1)
    process.send_signal(signal.SIGUSR1)
    wait_line(process, "signalled")
    life.new_grant(api)
    assert programs.end(process) == ["grant.created"]


def test_ctrl_c_ends_a_loop_cleanly(server, streams):
    process = programs.start(server, """
        async def main():
            async with client:
                say("reading")
                async for event in client.events.stream():
                    pass
        try:
            asyncio.run(main())
        except KeyboardInterrupt:
            say("interrupted")
    """)
    wait_line(process, "reading")
    streams.wait(1)
    process.send_signal(signal.SIGINT)
    assert programs.end(process) == ["interrupted"]
    streams.wait(0)


def test_a_child_is_told_and_the_parent_is_not_disturbed(server, api):
    life.new_grant(api)
    said = programs.run(server, f"""
        stream = client.events.stream(since={PAST!r})
        say(next(stream).type)
        child = os.fork()
        if child == 0:
            for act in (lambda: next(stream), client.grants.list, client.events.stream):
                try:
                    act()
                    say("no error")
                except grantex.GrantexForkedError as error:
                    say(isinstance(error, RuntimeError), error)
            del stream, client
            os._exit(0)
        os.waitpid(child, 0)
        say(next(stream).type)
        stream.close()
        client.close()
    """)
    assert said[0] == "grant.created" and said[-1] == "token.issued"
    assert len(said) == 5 and all("belongs to the parent" in line and line.startswith("True") for line in said[1:4])


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_a_child_of_a_program_with_a_loop_leaves_the_parents_loop_alone(server, api, streams, loop):
    process = programs.start(server, f"""
        import importlib, gc
        async def main():
            stream = client.events.stream()
            waiting = asyncio.ensure_future(stream.__anext__())
            while stream.stats()["connections"] == 0:
                await asyncio.sleep(0.005)
            child = os.fork()
            if child == 0:
                try:
                    client.grants.revoke("grnt_1")
                except grantex.GrantexForkedError:
                    stream.close()
                    del stream
                    gc.collect()
                    os._exit(0)
                os._exit(1)
            say("forked", os.waitpid(child, 0)[1])
            say((await waiting).type)
            stream.close()
        loop = importlib.import_module({loop!r}).new_event_loop()
        loop.run_until_complete(main())
        loop.close()
        client.close()
    """)
    wait_line(process, "forked 0")
    streams.wait(1)
    life.new_grant(api)
    assert programs.end(process) == ["grant.created"]


OPEN_AT_THE_END = {
    "a stream that was not read": "stream = client.events.stream()",
    "a stream in the middle": f"stream = client.events.stream(since={PAST!r}); next(stream)",
    "a subscription": "client.events.subscribe(print)",
    "a subscription that is held": "end = client.events.subscribe(print)",
    "a subscription whose handler runs": f"""
        inside = threading.Event()
        def handler(event):
            inside.set()
            time.sleep(0.2)
        end = client.events.subscribe(handler, since={PAST!r})
        inside.wait()
    """,
    "a thread that reads": """
        stream = client.events.stream()
        threading.Thread(target=list, args=(stream,), daemon=True).start()
        while stream.stats()["connections"] == 0:
            time.sleep(0.005)
    """,
    "a task that reads": """
        async def read():
            async for event in client.events.stream():
                pass
        async def main():
            global task
            task = asyncio.create_task(read())
            await asyncio.sleep(0.05)
        asyncio.run(main())
    """,
    "a loop that was never closed": """
        async def main():
            global stream
            stream = client.events.stream()
            await asyncio.wait([asyncio.ensure_future(stream.__anext__())], timeout=0.05)
        loop = asyncio.new_event_loop()
        loop.run_until_complete(main())
        import warnings
        warnings.simplefilter("ignore")
        import logging
        logging.disable()
    """,
    "a call that was handed over": """
        async def main():
            client.agents.register("at the end")
        asyncio.run(main())
    """,
    "an exit": "client.events.subscribe(print); sys.exit(0)",
}


@pytest.mark.parametrize("what", OPEN_AT_THE_END)
def test_the_end_of_the_program_does_not_wait_for(server, api, what):
    life.new_grant(api)
    assert "Traceback" not in "".join(programs.run(server, textwrap.dedent(OPEN_AT_THE_END[what]) + "\nsay('end')\n" * ("exit" not in what)))


def test_a_call_that_was_handed_over_at_the_end_has_acted(server, api):
    programs.run(server, OPEN_AT_THE_END["a call that was handed over"])
    assert "at the end" in [agent["name"] for agent in api.get("/v1/agents").expect(200)["agents"]]


def test_the_package_needs_nothing_beside_the_standard_library(server):
    bare = subprocess.run([sys.executable, "-c", "import sys; print(*sys.modules)"], capture_output=True, text=True, check=True)
    (said,) = programs.run(server, """
        print(*sys.modules)
        client.close()
    """)
    loaded = {name.split(".")[0] for name in said.split()} - {name.split(".")[0] for name in bare.stdout.split()}
    assert loaded - set(sys.stdlib_module_names) == {"grantex"}
