"""Whether mail of our mailboxes proves where it comes from (SPF, DKIM, DMARC).

It is learnt from mail of ours that came back to a mailbox of ours, as a copy: the server that took it in says. A pass
is believed for a while; a failure counts only where no pass is fresh, because a copy that was forwarded fails too.
"""

import datetime as dt
from collections.abc import Mapping

from conversations.models import Mailbox, Message

FRESH = dt.timedelta(days=90)
WRONG = frozenset({"fail", "softfail", "permerror", "none"})


def judge(verdicts: Mapping[str, str]) -> bool | None:
    """Whether these verdicts prove the sender; None when they do not say."""
    if verdicts.get("dmarc") in ("pass", "fail"):
        return verdicts["dmarc"] == "pass"
    told = {verdicts[name] for name in ("spf", "dkim") if name in verdicts}
    if told & WRONG:
        return False
    return True if told == {"pass"} and len(verdicts.keys() & {"spf", "dkim"}) == 2 else None


def note_verdicts(pk: int, verdicts: Mapping[str, str], *, now: dt.datetime) -> None:
    """A copy of a message came back with these verdicts; kept with the mailbox it left from."""
    told = judge(verdicts)
    if told is None:
        return
    sent = Message.objects.filter(pk=pk, direction=Message.Direction.OUT).select_related("mailbox").only("mailbox")
    box = next((row.mailbox for row in sent if row.mailbox), None)
    if box is not None and (told or not proves_itself(box, now=now)):
        Mailbox.objects.filter(pk=box.pk).update(verdicts=dict(verdicts), verdicts_at=now)


def proves_itself(mailbox: Mailbox, *, now: dt.datetime) -> bool | None:
    """Whether mail of this mailbox proved where it comes from lately; None when nobody has said."""
    told = judge(mailbox.verdicts)
    if told and mailbox.verdicts_at and mailbox.verdicts_at < now - FRESH:
        return None
    return told
