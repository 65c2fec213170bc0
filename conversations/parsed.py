"""What parsing makes of a raw mail: plain frozen values, no Django and no database."""

from datetime import date, datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field


class Unparseable(Exception):  # noqa: N818  named for what the mail is
    """A mail past the limits, or one no reader can be made to understand; ``reason`` is for people."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Nature(StrEnum):
    """Who wrote a mail. Only ``PERSON`` may ever be answered automatically."""

    PERSON = "person"
    BOUNCE = "bounce"
    COMPLAINT = "complaint"
    AUTO_REPLY = "auto_reply"
    OUT_OF_OFFICE = "out_of_office"
    LIST = "list"
    ROBOT = "robot"
    OWN_LOOP = "own_loop"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Address(_Frozen):
    """One mail address: ``address`` in lower case, ``name`` decoded and free of line breaks (may be empty)."""

    name: str = ""
    address: str = ""

    def __str__(self) -> str:
        return f"{self.name} <{self.address}>" if self.name else self.address


class ParsedAttachment(_Frozen):
    """A file of a mail. ``name`` is safe to show and to offer for download; ``claimed_type`` is what the sender
    says, ``sniffed_type`` what the bytes say; ``size`` in bytes; ``digest`` is the SHA-256 of ``content`` in hex."""

    name: str
    claimed_type: str
    sniffed_type: str
    size: int
    digest: str
    content_id: str = ""
    inline: bool = False
    content: bytes = Field(default=b"", repr=False)


class ParsedMessage(_Frozen):
    """A mail as the rest of Deskhand knows it.

    ``message_id``, ``in_reply_to`` and ``references`` keep their angle brackets; ``message_id`` is empty when the
    mail has none. All texts are free of NUL; ``subject`` and names also of line breaks. ``text`` is the whole plain
    text (made from the HTML when there is no text part), ``html`` is raw and hostile: show it only through
    ``sanitise.clean_html``. ``newest_text`` is what the sender wrote now. ``language`` is ISO 639-1, empty when the
    text is too short to tell. ``reply_tokens`` are lower-cased candidates, not yet looked up. ``auth_results`` are
    the verdicts (``spf``, ``dkim``, ``dmarc``) of the topmost Authentication-Results header. ``automatic_headers``
    are the headers that speak of automation, as found. ``identity`` is equal for two copies of one mail.
    """

    message_id: str = ""
    in_reply_to: list[str] = []
    references: list[str] = []
    from_name: str = ""
    from_address: str = ""
    reply_to: list[Address] = []
    to: list[Address] = []
    cc: list[Address] = []
    subject: str = ""
    sent_at: datetime | None = None
    text: str = ""
    html: str = ""
    newest_text: str = ""
    quoted_text: str = ""
    signature_text: str = ""
    language: str = ""
    attachments: list[ParsedAttachment] = []
    nature: Nature = Nature.PERSON
    nature_reason: str = ""
    failed_recipient: str = ""
    bounce_status: str = ""
    original_message_id: str = ""
    returns_on: date | None = None
    forwarded: bool = False
    forwarded_from: Address | None = None
    reply_tokens: list[str] = []
    auth_results: dict[str, str] = {}
    defects: list[str] = []
    automatic_headers: dict[str, str] = {}
    identity: str = ""
