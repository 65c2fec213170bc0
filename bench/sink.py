"""A mail server in a process of its own: it takes every mail, and writes down its Message-ID when it has taken it."""

import asyncio
import contextlib
import random
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP

_MESSAGE_ID = re.compile(rb"(?im)^message-id:\s*(\S+)")


class Taker:
    """Takes each mail; the delay lies half before and half behind the moment of acceptance."""

    def __init__(self, log: Path, delay: float) -> None:
        self.log, self.delay = log.open("a", buffering=1), delay

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802  aiosmtpd's name
        found = _MESSAGE_ID.search(envelope.original_content)
        await self._wait()
        self.log.write((found[1].decode() if found else "none") + "\n")
        self.log.flush()  # taken from here on, whoever dies
        await self._wait()
        return "250 2.0.0 Ok"

    async def _wait(self) -> None:
        if self.delay:
            await asyncio.sleep(random.uniform(0, self.delay / 2))


async def serve(log: Path, delay: float) -> None:
    """Listen on a free port, print it, go on until killed."""
    taker = Taker(log, delay)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(taker, hostname="sink"), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


@contextlib.contextmanager
def running_sink(log: Path, *, delay: float = 0.0) -> Iterator[int]:
    """A sink for the time of the block; gives its port. ``delay`` is the longest wait in seconds."""
    log.write_text("")
    command = [sys.executable, "-m", "bench.sink", str(log), str(delay)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            yield int(process.stdout.readline())
        finally:
            process.kill()


def taken(log: Path) -> Counter[str]:
    """How often the sink took each Message-ID."""
    return Counter(log.read_text().split())


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), float(sys.argv[2])))
