#!/usr/bin/env python3
"""Runs a program with a PostgreSQL server of its own: with_postgres.py PROGRAM [ARGUMENT…]. GRANTEX_TEST_POSTGRES is the URL of an
empty database there. Ends as the program does; where no server can be had, that is a failure."""

import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "e2e"))

from support.postgres import Postgres  # noqa: E402


def main(command):
    postgres = Postgres()
    try:
        postgres.start()
        url = postgres.new_database().url
        return subprocess.run(command, env={**os.environ, "GRANTEX_TEST_POSTGRES": url}, check=False).returncode
    finally:
        postgres.remove()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
