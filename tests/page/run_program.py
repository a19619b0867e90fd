"""Runs a program of the page as it stands there, but for the key: run_program.py HEADING KEY [--wait] [--uvloop].

With --wait it stays for a line on stdin where the page says "Later", which is where the reader's own program goes on.
"""

import ast
import asyncio
import inspect
import sys

import page

LATER = "    # Later: "


async def a_line():
    await asyncio.to_thread(sys.stdin.readline)


def main(heading, key, *options):
    if "--uvloop" in options:
        import uvloop

        asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    source = page.programs()[heading].replace(page.KEY_PLACEHOLDER, key)
    if "--wait" in options:
        source = source.replace(LATER, f"    await a_line()\n\n{LATER}")
    program = compile(source, heading, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    names = {"__name__": "__main__", "a_line": a_line}
    if program.co_flags & inspect.CO_COROUTINE:
        asyncio.run(eval(program, names))
    else:
        exec(program, names)


if __name__ == "__main__":
    main(*sys.argv[1:])
