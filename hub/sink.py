"""The local mail sink of the demo: takes every mail that leaves and keeps it as a file; nothing goes further."""

import logging
import time
from pathlib import Path

import structlog
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

log = structlog.get_logger(__name__)


class Keeper:
    """Writes each mail to ``folder`` as .eml, with the envelope's recipients in its first line."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.kept = 0

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep one mail; its confirmation means that it is on disk."""
        self.kept += 1
        raw = envelope.original_content or b""
        name = f"{time.strftime('%Y%m%d-%H%M%S')}-{self.kept:05d}.eml"
        head = f"X-Sink-Recipients: {', '.join(envelope.rcpt_tos)}\r\n".encode()
        (self.folder / name).write_bytes(head + raw)
        log.info("sink.kept", file=name)
        return "250 2.0.0 Kept"


def start_sink(folder: Path, *, host: str, port: int, size_limit: int) -> Controller:
    """Listen in a thread of its own; ``stop()`` of what comes back ends it. Raises OSError when the port is taken."""
    logging.getLogger("mail.log").setLevel(logging.WARNING)  # aiosmtpd tells every command
    folder.mkdir(parents=True, exist_ok=True)
    controller = Controller(Keeper(folder), hostname=host, port=port, data_size_limit=size_limit)
    controller.start()
    return controller
