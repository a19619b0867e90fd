"""A wire that can be cut: TCP connections through a process of their own, which stops carrying bytes when it is told to, closes nothing
and says nothing, until it is told to go on. What was sent meanwhile arrives then, as a network that comes back delivers it."""

import asyncio
import json
import pathlib
import subprocess
import sys

PIECE = 65536


class Carrier:
    def __init__(self):
        self.whole = asyncio.Event()
        self.whole.set()

    async def carry(self, source, sink):
        try:
            while piece := await source.read(PIECE):
                await self.whole.wait()
                sink.write(piece)
                await sink.drain()
            await self.whole.wait()
        except OSError:
            pass
        sink.close()

    async def connect(self, target, source, sink):
        """Somebody has come; who is behind the wire hears of it when it is whole."""
        await self.whole.wait()
        try:
            far_source, far_sink = await asyncio.open_connection(*target)
        except OSError:
            sink.close()
            return
        await asyncio.gather(self.carry(source, far_sink), self.carry(far_source, sink))

    async def run(self, targets):
        servers = [
            await asyncio.start_server(lambda source, sink, target=target: self.connect(target, source, sink), "127.0.0.1", 0)
            for target in targets
        ]
        print(json.dumps([server.sockets[0].getsockname()[1] for server in servers]), flush=True)
        loop = asyncio.get_running_loop()
        while word := (await loop.run_in_executor(None, sys.stdin.readline)).strip():
            if word == "cut":
                self.whole.clear()
            else:
                self.whole.set()
            print(json.dumps(word), flush=True)


class Wire:
    """The process, as tests see it: `ports` lead to the targets in their order."""

    def __init__(self, *ports):
        self.process = subprocess.Popen(
            [sys.executable, pathlib.Path(__file__)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.ports = self._say(json.dumps([("127.0.0.1", port) for port in ports]))

    def _say(self, word):
        print(word, file=self.process.stdin, flush=True)
        return json.loads(self.process.stdout.readline())

    def cut(self):
        self._say("cut")

    def mend(self):
        self._say("mend")

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


async def main():
    await Carrier().run([tuple(target) for target in json.loads(sys.stdin.readline())])


if __name__ == "__main__":
    asyncio.run(main())
