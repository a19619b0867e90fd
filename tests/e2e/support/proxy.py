"""The reverse proxies that people put before grantexd, from Debian's packages: each with its own folder, port and configuration, which a
test may make wrong, and mend line by line."""

import os
import re
import shutil
import socket
import subprocess
import time

from . import build
from .ports import free_port

PATH = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"


class Proxy:
    """A process that is started anew for each configuration."""

    name = program = None

    def __init__(self, folder, server):
        self.folder = folder
        self.upstream = f"127.0.0.1:{server.port}"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process = None

    @classmethod
    def missing(cls):
        return shutil.which(cls.program, path=PATH) is None

    def start(self, config, wait=True):
        self.stop()
        path = self.folder / f"{self.name}.conf"
        path.write_text(config)
        with open(self.folder / f"{self.name}.log", "ab") as log:
            self.process = subprocess.Popen(
                self.command(path), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=build.environment(self.folder, PATH=PATH, XDG_DATA_HOME=str(self.folder), XDG_CONFIG_HOME=str(self.folder)),
            )
        if wait:
            self._wait_for_port()
        return self

    def _wait_for_port(self):
        until = time.monotonic() + build.PATIENCE
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                log = (self.folder / f"{self.name}.log").read_text(errors="replace")
                assert self.process.poll() is None and time.monotonic() < until, f"{self.name} does not start: {log[-3000:]}"
                select_nothing()

    def stop(self):
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    def mended(self, lines, fixes):
        """The lines of a configuration after those that doctor printed were put in: instead of those that say the same thing."""
        kept = list(lines)
        for fix in fixes:
            if fix.startswith("remove "):
                kept = [line for line in kept if not line.strip().startswith(fix[7:])]
            else:
                kept = [line for line in kept if self.says(line) != self.says(fix)] + [fix]
        return kept

    def says(self, line):
        """What of a line tells which directive it is."""
        return line.split(" ")[0]


def select_nothing():
    """A moment for another process."""
    import select
    select.select([], [], [], 0.02)


class Nginx(Proxy):
    name = program = "nginx"

    RIGHT = [
        "proxy_http_version 1.1;", "proxy_set_header Upgrade $http_upgrade;", "proxy_set_header Connection $http_connection;",
        "proxy_buffering off;", "proxy_read_timeout 1h;",
    ]

    def command(self, path):
        return ["nginx", "-p", str(self.folder), "-e", str(self.folder / "nginx.log"), "-c", str(path)]

    def config(self, lines, server=(), http=()):
        temporary = "\n".join(
            f"  {kind}_temp_path {self.folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        return f"""daemon off; master_process off; pid {self.folder}/nginx.pid;
events {{ worker_connections 256; }}
http {{
  access_log off;
{temporary}
  {" ".join(http)}
  server {{
    listen 127.0.0.1:{self.port};
    {" ".join(server)}
    location / {{
      proxy_pass http://{self.upstream};
      {chr(10).join("      " + line for line in lines)}
    }}
  }}
}}
"""

    def says(self, line):
        words = line.split()
        return tuple(words[:2]) if words[0] in ("proxy_set_header", "add_header") else words[0]


class Haproxy(Proxy):
    name = program = "haproxy"

    RIGHT = ["timeout connect 5s", "timeout client 1h", "timeout server 1h", "timeout tunnel 1h"]

    def command(self, path):
        return ["haproxy", "-db", "-f", str(path)]

    def config(self, lines):
        body = "\n".join(f"    {line}" for line in lines)
        return f"""global
    maxconn 1000
listen site
    mode http
    bind 127.0.0.1:{self.port}
    server one {self.upstream}
{body}
"""

    def says(self, line):
        words = line.split()
        return tuple(words[:3]) if words[0] == "http-response" else tuple(words[:2]) if words[0] in ("timeout", "option") else words[0]


class Caddy(Proxy):
    name = program = "caddy"

    RIGHT = []

    def command(self, path):
        return ["caddy", "run", "--adapter", "caddyfile", "--config", str(path)]

    def config(self, lines):
        """Lines of the site, then those of reverse_proxy."""
        site = [line for line in lines if re.match(r"encode|@", line)]
        proxy = [line for line in lines if line not in site]
        transport = [line for line in proxy if line.startswith("read_timeout")]
        proxy = [line for line in proxy if line not in transport]
        if transport:
            proxy += ["transport http {", *transport, "}"]
        nl = "\n    "
        return f"""{{
    admin off
    auto_https off
}}
http://127.0.0.1:{self.port} {{
    {nl.join(site)}
    reverse_proxy {self.upstream} {{
        {nl.join(proxy)}
    }}
}}
"""


PROXIES = {"nginx": Nginx, "haproxy": Haproxy, "caddy": Caddy}
