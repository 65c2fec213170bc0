"""What makes two copies one mail: a digest of what its author wrote, not of how it travelled."""

import hashlib
from collections.abc import Iterable


def compute_identity(
    *, message_id: str, sender: str, date: str, subject: str, bodies: Iterable[str], digests: Iterable[str]
) -> str:
    """SHA-256 in hex over the parts, each with its length before it.

    Bodies are the decoded texts; line ends and white space at the ends of lines, which gateways change, do not count.
    """
    digest = hashlib.sha256()
    parts = [message_id, sender, date, subject, *(_settle(body) for body in bodies), *sorted(digests)]
    for part in parts:
        content = part.encode("utf-8", "replace")
        digest.update(len(content).to_bytes(8, "big") + content)
    return digest.hexdigest()


def _settle(body: str) -> str:
    lines = body.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(line.rstrip() for line in lines).strip("\n")
