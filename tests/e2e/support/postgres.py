"""A PostgreSQL server of the tests' own: its own folder and socket, a port only where one is asked for, never as root, gone with the tests."""

import contextlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

from . import build, store

USER = "grantex"


def _programs():
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    assert found, "PostgreSQL is not installed: ./x install-deps test"
    return found[-1].parent


class Postgres:
    def __init__(self, port=None):
        # Not pytest's folder: the path of a socket has little room, and another user must get in.
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="gx-pg-"))
        self.programs = _programs()
        self.port = port
        self.names = 0

    def _command(self, program, *arguments):
        command = [str(self.programs / program), *map(str, arguments)]
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            command = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", *command]
        return command

    def psql(self, database, *arguments):
        return self._command("psql", "-h", self.folder, *self._at_port(), "-U", USER, "-d", database, "-XAtq", *arguments)

    def _at_port(self):
        return ["-p", self.port] if self.port else []

    def _run(self, program, *arguments):
        return self._said(self._command(program, *arguments))

    def _said(self, command):
        said = subprocess.run(
            command, cwd="/", stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=4 * build.PATIENCE,
            check=False,
        )
        assert said.returncode == 0, said.stderr
        return said.stdout

    def start(self, durable=False):
        """durable: as its owner would run it; what a test kills is processes, not machines."""
        self._own_folder()
        data = self.folder / "data"
        if not data.exists():
            self._run("initdb", "-D", data, "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        where = f"-c listen_addresses=127.0.0.1 -p {self.port}" if self.port else "-c listen_addresses="
        self._run("pg_ctl", "-D", data, "-w", "-l", self.folder / "log", "-o", f"{'' if durable else '-F '}-k {self.folder} {where}", "start")
        return self

    def _own_folder(self):
        if os.geteuid() == 0:
            shutil.chown(self.folder, "nobody", "nogroup")

    def replica(self, port):
        """Another server that has everything which this one has, and without which this one commits nothing from now on."""
        other = Postgres(port)
        other._own_folder()
        self._run("pg_basebackup", "-h", self.folder, *self._at_port(), "-U", USER, "-D", other.folder / "data", "-R", "-c", "fast", "--no-sync")
        other.start()
        self.sql("ALTER SYSTEM SET synchronous_standby_names = '*'")
        self.sql("SELECT pg_reload_conf()")
        return other

    def in_step(self):
        """Whether a replica confirms each commit."""
        return self.sql("SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'") == "1"

    def promote(self):
        self._run("pg_ctl", "-D", self.folder / "data", "-w", "promote")

    def _processes(self):
        """The postmaster first."""
        postmaster = int((self.folder / "data" / "postmaster.pid").read_text().split()[0])
        children = pathlib.Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
        return [postmaster, *map(int, children)]

    def hang(self):
        """As a machine does that stands still: connections stay, and nobody answers."""
        for process in self._processes():
            os.kill(process, signal.SIGSTOP)

    def kill(self):
        """Of what hangs nothing goes on."""
        for process in self._processes():
            os.kill(process, signal.SIGKILL)
        (self.folder / "data" / "postmaster.pid").unlink()

    def running(self):
        return (self.folder / "data" / "postmaster.pid").exists()

    def stop(self, mode="fast"):
        self._run("pg_ctl", "-D", self.folder / "data", "-w", "-m", mode, "stop")

    def remove(self):
        if self.running():
            self.stop()
        shutil.rmtree(self.folder)

    def sql(self, *texts, database="postgres"):
        """What the statements say, in one transaction, unaligned, without a header."""
        alone = [] if len(texts) == 1 else ["-1"]  # no CREATE DATABASE inside a transaction
        commands = [word for text in texts for word in ("-c", text)]
        return self._said(self.psql(database, *alone, *commands)).strip()

    def folder_within(self, name):
        """An empty one that the server may use."""
        folder = self.folder / name
        folder.mkdir()
        if os.geteuid() == 0:
            shutil.chown(folder, "nobody", "nogroup")
        return folder

    def database_in(self, folder):
        """One whose tables lie there and nowhere else."""
        self.sql(f"CREATE TABLESPACE {folder.name} LOCATION '{folder}'")
        self.sql(f"CREATE DATABASE {folder.name} TABLESPACE {folder.name}")
        return Database(self, folder.name)

    def new_database(self, like=None):
        self.names += 1
        name = f"store{self.names}"
        self.sql(f"CREATE DATABASE {name}" + (f" TEMPLATE {like.name}" if like else ""))
        return Database(self, name)


class Database:
    """A store, empty at first, and looks into it (see store.py)."""

    def __init__(self, postgres, name):
        self.postgres = postgres
        self.name = name
        self.url = f"postgres:///{name}?host={postgres.folder}&user={USER}"

    def drop(self):
        self.postgres.sql(f"DROP DATABASE {self.name} WITH (FORCE)")

    def sql(self, *texts):
        return self.postgres.sql(*texts, database=self.name)

    def wait_left(self):
        """Until nobody is connected: PostgreSQL notices a moment later that a server has ended."""
        deadline = time.monotonic() + build.PATIENCE
        while self.postgres.sql(f"SELECT count(*) FROM pg_stat_activity WHERE datname = '{self.name}'") != "0":
            assert time.monotonic() < deadline, "somebody is still connected"

    def holding(self, table):
        """Meanwhile another session has every row of the table to itself."""
        return self._meanwhile(f"SELECT 'held' FROM {table} FOR UPDATE")

    def locking(self, table):
        """Meanwhile nobody else may even read the table."""
        return self._meanwhile(f"LOCK TABLE {table}")

    @contextlib.contextmanager
    def _meanwhile(self, statement):
        command = self.postgres.psql(self.name)
        with subprocess.Popen(command, cwd="/", stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as psql:
            print(f"BEGIN; {statement}; SELECT 'all';", file=psql.stdin, flush=True)
            while psql.stdout.readline() == "held\n":
                pass
            yield
            psql.stdin.close()
            assert psql.wait(build.PATIENCE) == 0

    def rows(self, query):
        return json.loads(self.sql(f"SELECT coalesce(json_agg(row_to_json(q)), '[]') FROM ({query}) q"))

    def dump(self):
        names = self.sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1").splitlines()
        lines = self.sql(*(f"SELECT coalesce(jsonb_agg(q), '[]') FROM {name} q" for name in names)).splitlines()
        return {name: sorted(repr(store.lasting(row)) for row in json.loads(line)) for name, line in zip(names, lines, strict=True)}
