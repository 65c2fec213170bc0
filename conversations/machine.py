"""Who wrote a mail: a person, or a machine that must never be answered."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from email.message import Message

from .absence import find_return, has_absence_subject, has_automatic_subject, reads_like_absence, speaks_of_absence
from .bounces import Report, find_part, read_complaint, read_report
from .headers import raw_value, raw_values
from .parsed import Nature

_LIST_HEADERS = (
    "List-Id",
    "List-Unsubscribe",
    "List-Post",
    "List-Help",
    "Mailing-List",
    "X-Mailing-List",
    "X-BeenThere",
)
_REPLY_HEADERS = (
    "X-Autoreply", "X-Autorespond", "X-Autoresponse", "X-Autoresponder", "X-Auto-Reply", "X-Auto-Reply-From",
    "X-Autoreply-From",
    "X-Mail-Autoreply", "X-Mail-Autorespond", "X-Vacation", "X-AutoReply-To", "Auto-Reply",
)  # fmt: skip
_ROBOT_HEADERS = ("X-Loop", "X-FC-MachineGenerated", "X-Cron-Env", "X-Auto-Generated", "X-Deskhand-Automatic")
_OTHER_HEADERS = (
    "Auto-Submitted",
    "Precedence",
    "X-Precedence",
    "X-Auto-Response-Suppress",
    "Return-Path",
    "X-Failed-Recipients",
)
_SUPPRESS = frozenset({"all", "autoreply", "oof", "dr", "rn", "nrn"})
_DAEMON = re.compile(
    r"^(?:mailer[-_.]?daemon|post[-_.]?master|mail[-_.]?daemon|mdaemon|bounce[sd]?|mail-?delivery-?subsystem|null)(?:[+=.-].*)?$"
)
_DAEMON_NAME = re.compile(
    r"mail\s+deliver(?:y|)\s*(?:sub)?system|mailer-daemon|postmaster|mail\s+administrator|delivery\s+(?:sub)?system",
    re.I,
)
_NO_REPLY = re.compile(
    r"^(?:.*[._+-])?(?:no[-_.]?reply|do[-_.]?not[-_.]?reply|dont[-_.]?reply|noreplies|ne[-_.]?pas[-_.]?repondre|nicht[-_.]?antworten|keine[-_.]?antwort"
    r"|no[-_.]?responder|no[-_.]?contestar|nao[-_.]?responda|non[-_.]?rispondere|niet[-_.]?antwoorden|ej[-_.]?svar)(?:[._+-].*|\d*)$"
)
_BOUNCE_SUBJECT = re.compile(
    r"^\W*(?:undeliver(?:ed|able)|(?:mail|message|e-?mail)?\s*deliver(?:y|ed)?\s*(?:has\s+|was\s+)?(?:status|fail|delay|error|problem|report|unsuccess|incomplete)"
    r"|mail\s+(?:could\s+not|failure|system\s+error|error|delivery|not\s+delivered|status\s+report)|failed\s+(?:mail|delivery|message)|failure\s+(?:notice|delivery)"
    r"|delivery\s+(?:status|failure|failed|notification|report|has)|returned\s+(?:mail|e-?mail|to\s+sender|message)|rejected\s+mail|non\s+remis|nondeliverable"
    r"|warning:\s+(?:could\s+not|message)|(?:could|can)\s*not\s+(?:send|deliver)|unable\s+to\s+deliver|message\s+(?:rejected|not\s+delivered|status|undeliver)"
    r"|your\s+(?:message|mail|e-?mail)\s+(?:to\s+.{1,80}\s+)?(?:could\s+not|was\s+not|has\s+been\s+(?:blocked|rejected|returned)|couldn't)|unzustellbar"
    r"|nicht\s+zugestellt|nachricht\s+nicht\s+zustellbar|non\s+recapitabile|no\s+se\s+puede\s+entregar|impossible\s+de\s+remettre|non\s+distribu|onbestelbaar"
    r"|mancata\s+consegna|não\s+(?:entregue|foi\s+possível\s+entregar)|olevererbart|ikke\s+leveret|niedostarcz|nedoručiteln|недоставлен|配信不能|配送不能|退信|系统退信"
    r"|zustellung\s+fehlgeschlagen|fehler\s+bei\s+der\s+zustellung|échec\s+de\s+(?:la\s+)?(?:remise|distribution)|no\s+(?:se\s+)?(?:ha\s+podido|pudo)\s+entreg"
    r"|(?:correo|mensaje)\s+(?:devuelto|no\s+entregado)|impossibile\s+recapitare|messaggio\s+non\s+consegnato|não\s+é\s+possível\s+entregar|kan\s+(?:inte|ikke)\s+lever"
    r"|ei\s+(?:voitu\s+)?toimit|toimittamat|nie\s+można\s+dostarczyć|nelze\s+doručit|kézbesíthetetlen|nu\s+(?:se\s+poate|a\s+putut)|teslim\s+edil(?:e)?m|ei\s+saa\s+kohale"
    r"|не\s*уда(?:лось|ется)\s+доставить|αδύνατη\s+η\s+παράδοση|(?:メール|メッセージ).{0,4}(?:配信|配送|送信)(?:に失敗|でき)|無法(?:傳遞|投遞)|无法(?:送达|投递)|배달되지\s*않"
    r"|(?:ignored|not\s+member|loop\s+alert).{0,12}(?:mail|article|message)|returned\s+mail|error\s+sending|mail\s+delivery)",
    re.IGNORECASE,
)
_BOUNCE_WORDS = re.compile(
    r"(?:could|can|was|were|has|have|be)\s*(?:not|n't)\s+(?:be\s+|been\s+)?(?:deliver|sen[td]|reach)|(?:undeliverable|user\s+unknown|unknown\s+user|mailbox\s+(?:unavailable|full"
    r"|not\s+found)|delivery\s+(?:to|has|failed|status|attempt)|permanent\s+(?:fatal\s+)?error|fatal\s+error|returned\s+to\s+sender|did\s+not\s+reach|message\s+header|"
    r"recipient\s+(?:address\s+)?rejected|address\s+rejected|does\s+not\s+exist|unrouteable|over\s+quota|quota\s+exceeded|no\s+such\s+(?:user|address|mailbox)"
    r"|not\s+listed\s+in|nicht\s+zugestellt|non\s+(?:è\s+stato|distribué)|no\s+se\s+ha\s+podido|recipient|rejected|deliver|zugestellt|remis\b|distribu|entreg|consegnat|recapitat|bezorgd|afgeleverd|leverer|toimitet|dostarcz|doruč|доставлен|доставить|teslim|kézbesít|エラー|届け|配信|送信でき|宛先|退信)|(?<!\d)[45]\d\d[\s-]+[45]\.\d\.\d",
    re.IGNORECASE,
)
_COMPLAINT_SUBJECT = re.compile(
    r"^\W*(?:complaint\s+about\s+message\s+from|abuse\s+report|spam\s+(?:report|complaint)|feedback\s+loop|email\s+feedback\s+report|\[?fbl\]?)\b",
    re.I,
)
_NOTIFICATION = re.compile(r'"(?:notificationType|eventType)\\?"\s*:\s*\\?"(Bounce|Complaint)', re.IGNORECASE)
_OWN_ID = re.compile(
    r"^<?[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}(?:\.[a-z2-7]+)?@", re.IGNORECASE
)


@dataclass(frozen=True)
class Mail:
    """What ``classify`` looks at besides the raw headers."""

    message: Message
    text: str = ""
    newest: str = ""
    subject: str = ""
    from_name: str = ""
    from_address: str = ""
    reply_to: tuple[str, ...] = ()
    message_id: str = ""
    sent_at: datetime | None = None
    own_addresses: frozenset[str] = frozenset()
    own_domain: str = ""


@dataclass(frozen=True)
class Verdict:
    """The nature of a mail, the header or words that decided, and what a machine's mail says."""

    nature: Nature
    reason: str = ""
    report: Report = field(default_factory=Report)
    returns_on: date | None = None


def classify(mail: Mail) -> Verdict:
    """Tell people from machines. The first rule that speaks decides; when none does, a person wrote."""
    for rule in (_complaint, _report, _own_loop, _worded_bounce, _reply_of_machine, _list, _robot):
        verdict = rule(mail)
        if verdict:
            return verdict
    return Verdict(Nature.PERSON)


def automatic_headers(message: Message) -> dict[str, str]:
    """The headers that speak of automation, as found, each at most 500 characters."""
    names = (*_OTHER_HEADERS, *_REPLY_HEADERS, *_ROBOT_HEADERS, *_LIST_HEADERS)
    return {name: raw_value(message, name)[:500] for name in names if name in message}


def _complaint(mail: Mail) -> Verdict | None:
    part = find_part(mail.message, "message/feedback-report")
    kind = str(mail.message.get_param("report-type") or "").lower()
    notice = _notification(mail.text)
    if part is None and kind != "feedback-report" and notice != "complaint":
        if not _COMPLAINT_SUBJECT.match(mail.subject) or find_part(mail.message, "message/rfc822") is None:
            return None
        return Verdict(Nature.COMPLAINT, f"Subject: {mail.subject[:120]}", read_complaint(mail.message, mail.text))
    reason = "message/feedback-report" if notice != "complaint" else "notificationType: Complaint"
    return Verdict(Nature.COMPLAINT, reason, read_complaint(mail.message, mail.text))


def _notification(text: str) -> str:
    """``bounce`` or ``complaint`` where a provider reports as JSON."""
    found = _NOTIFICATION.search(text[:20_000]) if text.lstrip()[:1] == "{" else None
    return found[1].lower() if found else ""


def _report(mail: Mail) -> Verdict | None:
    """Standard reports: delivery status, read receipts, and providers' JSON."""
    kind = str(mail.message.get_param("report-type") or "").lower()
    top = mail.message.get_content_type()
    status = find_part(mail.message, "message/delivery-status") or find_part(
        mail.message, "message/global-delivery-status"
    )
    if (
        top == "message/delivery-status"
        or kind == "delivery-status"
        or (status and (top == "multipart/report" or _is_daemon(mail)))
    ):
        report = read_report(mail.message, mail.text, own_addresses=mail.own_addresses)
        arrived = report.action.startswith(("delivered", "relayed", "expanded"))
        return Verdict(
            Nature.ROBOT if arrived else Nature.BOUNCE, "Content-Type: multipart/report; delivery-status", report
        )
    if kind == "disposition-notification" or top == "message/disposition-notification":
        return Verdict(Nature.AUTO_REPLY, "Content-Type: multipart/report; disposition-notification")
    if _notification(mail.text) == "bounce":
        return Verdict(Nature.BOUNCE, "notificationType: Bounce", read_report(mail.message, mail.text))
    if top == "multipart/report":
        report = read_report(mail.message, mail.text, own_addresses=mail.own_addresses)
        return Verdict(Nature.BOUNCE, "Content-Type: multipart/report", report)
    return None


def _own_loop(mail: Mail) -> Verdict | None:
    if mail.from_address and mail.from_address in mail.own_addresses:
        return Verdict(Nature.OWN_LOOP, f"From: {mail.from_address}")
    domain = mail.message_id.rstrip(">").rpartition("@")[2].lower()
    if not mail.own_domain or domain != mail.own_domain.lower():
        return None
    # A colleague's mail program may use our domain in its Message-IDs too; then From is of our domain.
    colleague = mail.from_address.endswith(f"@{domain}")
    if _OWN_ID.match(mail.message_id) or not colleague:
        return Verdict(Nature.OWN_LOOP, f"Message-ID: {mail.message_id[:200]}")
    return None


def _is_daemon(mail: Mail) -> bool:
    local = mail.from_address.partition("@")[0]
    return (
        bool(_DAEMON.match(local))
        or _null_sender(mail.message)
        or (not local and bool(_DAEMON_NAME.search(_from(mail))))
    )


def _from(mail: Mail) -> str:
    return f"{mail.from_name} {raw_value(mail.message, 'From')[:300]}"


def _null_sender(message: Message) -> bool:
    return any(value.replace(" ", "").startswith("<>") for value in raw_values(message, "Return-Path"))


def _worded_bounce(mail: Mail) -> Verdict | None:
    """Bounces without a standard form: told by sender, subject and words, two of the three."""
    daemon = _is_daemon(mail) or bool(_DAEMON_NAME.search(_from(mail)))
    subject = bool(_BOUNCE_SUBJECT.match(mail.subject))
    words = bool(_BOUNCE_WORDS.search(mail.text[:10_000]))
    failed = bool(raw_value(mail.message, "X-Failed-Recipients"))
    automatic = _replies_by_header(mail.message) is not None
    if automatic and not (subject or failed) and not daemon:
        return None
    if not (failed or (subject and (daemon or words)) or (daemon and words and not _absent(mail))):
        return None
    report = read_report(mail.message, mail.text, own_addresses=mail.own_addresses)
    if subject and not daemon and not failed and not report.status:
        return None
    reason = (
        "X-Failed-Recipients"
        if failed
        else f"Subject: {mail.subject[:120]}"
        if subject
        else f"From: {mail.from_address}"
    )
    return Verdict(Nature.BOUNCE, reason, report)


def _absent(mail: Mail) -> bool:
    return (
        has_absence_subject(mail.subject)
        or has_automatic_subject(mail.subject)
        or speaks_of_absence(mail.newest or mail.text)
    )


def _reply_of_machine(mail: Mail) -> Verdict | None:
    reason = _replies_by_header(mail.message)
    if reason is None and (has_automatic_subject(mail.subject) or has_absence_subject(mail.subject)):
        reason = f"Subject: {mail.subject[:120]}" if _backs_subject(mail) else None
    if reason is None and _answers(mail) and reads_like_absence(mail.newest or mail.text):
        reason = "Words of an out-of-office note"
    if reason is None:
        return None
    if not _absent(mail):
        return Verdict(Nature.AUTO_REPLY, reason)
    words = f"{mail.subject}\n{mail.newest or mail.text}"
    return Verdict(Nature.OUT_OF_OFFICE, reason, returns_on=find_return(words, mail.sent_at))


def _backs_subject(mail: Mail) -> bool:
    """A subject as mail programs write it is proof; words about absence in a subject need the text to agree."""
    return has_automatic_subject(mail.subject) or speaks_of_absence(mail.newest or mail.text)


def _answers(mail: Mail) -> bool:
    return bool(raw_value(mail.message, "In-Reply-To") or raw_value(mail.message, "References"))


def _replies_by_header(message: Message) -> str | None:
    """The header by which an automatic reply gives itself away."""
    submitted = raw_value(message, "Auto-Submitted").lower()
    if submitted.startswith("auto-replied"):
        return f"Auto-Submitted: {submitted[:60]}"
    for name in ("Precedence", "X-Precedence"):
        if raw_value(message, name).lower().replace("-", "_") == "auto_reply":
            return f"{name}: auto_reply"
    return next((name for name in _REPLY_HEADERS if name in message), None)


def _list(mail: Mail) -> Verdict | None:
    if _is_own_list(mail):
        return None
    for name in _LIST_HEADERS:
        if name in mail.message:
            return Verdict(Nature.LIST, f"{name}: {raw_value(mail.message, name)[:120]}")
    for name in ("Precedence", "X-Precedence"):
        value = raw_value(mail.message, name).lower()
        if value in ("bulk", "list", "junk"):
            return Verdict(Nature.LIST, f"{name}: {value}")
    return None


def _is_own_list(mail: Mail) -> bool:
    """A support address that is itself a group: what people write to it arrives as list mail."""
    marks = " ".join(
        raw_value(mail.message, name).lower() for name in ("List-Id", "List-Post", "X-BeenThere", "Mailing-List")
    )
    return any(address in marks or f"<{address.replace('@', '.')}>" in marks for address in mail.own_addresses)


def _robot(mail: Mail) -> Verdict | None:
    reason = next(_robot_reasons(mail), None)
    if reason is None:
        return None
    if _absent(mail) and (_answers(mail) or has_automatic_subject(mail.subject)):
        words = f"{mail.subject}\n{mail.newest or mail.text}"
        return Verdict(Nature.OUT_OF_OFFICE, reason, returns_on=find_return(words, mail.sent_at))
    if _answers(mail) and not reason.startswith("From"):
        return Verdict(Nature.AUTO_REPLY, reason)
    return Verdict(Nature.ROBOT, reason)


def _robot_reasons(mail: Mail) -> Iterator[str]:
    submitted = raw_value(mail.message, "Auto-Submitted").lower()
    if submitted and submitted.partition(";")[0].strip() != "no":
        yield f"Auto-Submitted: {submitted[:60]}"
    suppressed = raw_value(mail.message, "X-Auto-Response-Suppress")
    if _SUPPRESS & {word.strip().lower() for word in re.split(r"[,;\s]+", suppressed)}:
        yield f"X-Auto-Response-Suppress: {suppressed[:60]}"
    for name in _ROBOT_HEADERS:
        if name in mail.message:
            yield f"{name}: {raw_value(mail.message, name)[:60]}"
    if _null_sender(mail.message):
        yield "Return-Path: <>"
    local, _, domain = mail.from_address.partition("@")
    if _DAEMON.match(local):
        yield f"From: {mail.from_address}"
    if _NO_REPLY.match(local) and not _writes_for_somebody(mail, domain):
        yield f"From: {mail.from_address}"


def _writes_for_somebody(mail: Mail, domain: str) -> bool:
    """A web form's mail: sent by a no-reply address, to be answered at a person's, which is of another domain."""
    return any(
        address.partition("@")[2] != domain and not _NO_REPLY.match(address.partition("@")[0])
        for address in mail.reply_to
    )
