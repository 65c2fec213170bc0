"""An SMTP server that says what a test tells it to, at any step, and keeps what it took."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

HANG_UP = "hang up"


@dataclass
class Script:
    """Replies by step (banner, EHLO, MAIL, RCPT, DATA, end); a step without one is answered well."""

    replies: dict[str, list[str]]
    port: int = 0
    taken: list[bytes] = field(default_factory=list)
    connections: int = 0

    def next(self, step: str) -> str:
        """What to say at a step."""
        good = {"banner": "220 hello", "DATA": "354 go on", "EHLO": "250 hello"}
        waiting = self.replies.get(step, [])
        return waiting.pop(0) if waiting else good.get(step, "250 ok")


def _speak(line: socket.socket, script: Script) -> None:
    with line, line.makefile("rwb") as stream, contextlib.suppress(OSError, ValueError):

        def say(step: str) -> bool:
            said = script.next(step)
            if said == HANG_UP:
                line.shutdown(socket.SHUT_RDWR)
                return False
            stream.write(said.encode() + b"\r\n")
            stream.flush()
            return said[:1] in "23"

        say("banner")
        for row in stream:
            step = row[:4].decode("ascii", "replace").upper()
            if say(step) and step == "DATA":
                body = b""
                for part in stream:
                    if part == b".\r\n":
                        break
                    body += part
                if script.replies.get("end", ["250"])[0][:1] in ("2", "h"):
                    script.taken.append(body)
                say("end")


@contextlib.contextmanager
def scripted_server(**replies: list[str]) -> Iterator[Script]:
    """A server on a free port that follows the script until the test is over."""
    script = Script(replies)
    listener = socket.create_server(("127.0.0.1", 0))
    script.port = listener.getsockname()[1]

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                line, _address = listener.accept()
                script.connections += 1
                threading.Thread(target=_speak, args=(line, script), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield script
    finally:
        listener.close()
