"""Addresses suppressed at the worst moments: as a mail is drafted, as it is approved, and just before it leaves."""

import itertools
import time

from bench.ground import Ground
from bench.report import Table
from bench.sink import running_sink, taken

MOMENTS = ("before it is drafted", "between draft and approval", "between approval and the gate", "never")
WAYS = ("the link", "a person", "a whole domain", "a complaint")


def measure(ground: Ground) -> list[Table]:
    """As many leads for each moment; those never suppressed show that mail does leave."""
    count = ground.size(500, 40)
    with ground.database("suppress"):
        log = ground.var / "suppress" / "sink.log"
        with running_sink(log) as port:
            begun = time.perf_counter()
            counts = _run(port, count)
            seconds = time.perf_counter() - begun
        sent = taken(log)
    rows = [[moment, count, drafted, approved, left] for moment, (drafted, approved, left) in counts.items()]
    note = f"By {', '.join(WAYS)} in turn; {len(sent)} mails reached the sink in {seconds:.0f} s."
    return [Table(["suppressed", "leads", "drafted", "approved", "sent"], rows, [note])]


def _run(port: int, count: int) -> dict[str, tuple[int, int, int]]:
    from django.test import override_settings

    with override_settings(OUTBOUND="sink", OUTBOUND_SINK=f"127.0.0.1:{port}"):
        return _suppress_all(count)


def _suppress_all(count: int) -> dict[str, tuple[int, int, int]]:
    from django.utils import timezone

    from agents.models import Suggestion
    from agents.outbox.transmission import deliver_due
    from agents.suggestions import NotAllowed, NotPending, accept
    from conversations.models import Message
    from sales.models import Lead
    from sales.outreach import enrolments

    seller = _set_up()
    now = timezone.now()
    leads = {moment: [_lead(moment, number) for number in range(count)] for moment in MOMENTS}
    _suppress(leads[MOMENTS[0]], now)
    for lead in itertools.chain.from_iterable(leads.values()):
        if running := enrolments.consider_lead(lead.pk, now=now):
            enrolments.advance(running.pk, now=now)
    _suppress(leads[MOMENTS[1]], now)
    for suggestion in Suggestion.objects.filter(state="pending").order_by("id"):
        try:
            accept(suggestion.pk, by=seller, now=now)
        except (NotAllowed, NotPending):
            continue
    _suppress(leads[MOMENTS[2]], now)
    while deliver_due(limit=100):
        pass
    found = {}
    for moment, rows in leads.items():
        keys = [lead.pk for lead in rows]
        drafted = Suggestion.objects.filter(kind="sales.send_outreach", object_id__in=keys)
        approved = drafted.filter(state="accepted").count()
        left = Message.objects.filter(touch__lead__in=Lead.objects.filter(pk__in=keys), send_state="sent").count()
        found[moment] = (drafted.count(), approved, left)
    return found


def _suppress(leads: list, now) -> None:
    """Each lead in another way, as it happens outside."""
    from conversations import suppression
    from conversations.blinding import write_token

    for number, lead in enumerate(leads):
        way = WAYS[number % len(WAYS)]
        if way == "the link":
            assert suppression.unsubscribe(write_token(lead.email), now=now)
        else:
            reason = "complaint" if way == "a complaint" else "person"
            target = lead.email.partition("@")[2] if way == "a whole domain" else lead.email
            suppression.suppress(target, reason=reason, by=None, scope="outreach", now=now)


def _set_up():
    from accounts.models import Role, User
    from accounts.roles import ensure_roles
    from agents.models import SectionSetting
    from conversations.models import Mailbox

    ensure_roles()
    seller = User.objects.create_user("seller@harbour.example", "long words here", name="Sal Seller")
    seller.roles.set(Role.objects.filter(code__in=["administrator", "seller"]))
    box = Mailbox.objects.create(name="Trade", address="trade@harbour.example", purpose="sales", smtp_host="127.0.0.1")
    values = {"mailbox": box.pk, "offers": "Our machine makes 120 cups an hour.", "daily_cap": 0, "days": [],
              "disclosures": "Harbour, Quay 1.", "needs_consent": False}  # fmt: skip
    SectionSetting.objects.create(section="sales.outreach", is_on=True, level="ask", values=values)
    return seller


def _lead(moment: str, number: int):
    from sales.models import Lead

    domain = f"m{MOMENTS.index(moment)}-{number}.example"
    return Lead.objects.create(
        name="Ada Li", company_name=f"House {number}", email=f"ada@{domain}", status="qualified", language="en"
    )
