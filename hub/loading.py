"""The sample company, loaded through the same verbs that people and mailboxes use."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone

from accounts.models import Role, Team
from accounts.people import create_person
from agents.models import Calendar, Holiday, LineOfBusiness
from agents.queue import ring
from agents.sections import SECTIONS, configuring
from cases import intake
from cases.fields import set_fields
from cases.lifecycle import lock_case, resolve_case
from cases.models import Case, CaseConversation, FieldOption
from conversations.models import Contact, Conversation, Mailbox, Message, MessageTemplate, Queue
from conversations.receive import receive
from hub import sample
from hub.sample_work import load_work
from intents import groups
from intents.library import add_examples, save_intent
from knowledge import articles
from knowledge.models import Article, Product, ProductFamily, Subject

WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
PASSWORD = "deskhand"  # noqa: S105 - the demo's, printed on the terminal; the demo listens on this machine alone
FIELDS = ["product", "category", "type", "priority", "order_number", "serial_number"]


@dataclass
class Loaded:
    """What stands for the sample's slugs, while it is being loaded."""

    lines: dict[str, LineOfBusiness] = field(default_factory=dict)
    teams: dict[str, Team] = field(default_factory=dict)
    queues: dict[str, Queue] = field(default_factory=dict)
    products: dict[str, Product] = field(default_factory=dict)
    subjects: dict[str, Subject] = field(default_factory=dict)
    people: list[Any] = field(default_factory=list)


def is_loaded() -> bool:
    """Whether the sample company is here already."""
    address = sample.read_company().mailboxes[0].address
    return Mailbox.objects.filter(address=address).exists()


def load_company(*, now: dt.datetime | None = None) -> list[Any]:
    """People, products, knowledge, settings and solved cases, in one transaction; returns the people."""
    now = now or timezone.now()
    company, products = sample.read_company(), sample.read_products()
    with transaction.atomic():
        found = Loaded()
        _load_structure(company, found)
        _load_people(company, found)
        _load_catalogue(products, found)
        _load_articles(found, now)
        _load_templates(found)
        _load_mailboxes(company, found, now)
        admin = next(person for person in found.people if person.roles.filter(code="administrator").exists())
        _load_intents(found, admin, now)
        _load_settings(products, admin)
        load_work(company, by=admin, now=now)
        _load_history(found, admin, now)
        _load_solved(found, now)
    return found.people


def receive_mails(*, now: dt.datetime | None = None) -> int:
    """Every mail of the sample, as if it had just come in, and our answers among them; returns how many were stored."""
    now = now or timezone.now()
    boxes = {box.address: box for box in Mailbox.objects.all()}
    mails = sample.read_mails(now=now)
    for mail in mails:
        receive(
            mail.raw,
            mailbox=boxes[mail.mailbox],
            source="sample",
            received_at=mail.received_at,
            origin=mail.file,
            rings=False,
        )
    with transaction.atomic():
        ring("delivery.stored")
    return len(mails)


def _load_structure(company: sample.SampleCompany, found: Loaded) -> None:
    hours = {
        str(WEEKDAYS.index(day)): [[f"{start:%H:%M}", f"{end:%H:%M}"] for start, end in spans]
        for day, spans in company.business_calendar.hours.items()
        if spans
    }
    calendar = Calendar.objects.create(
        name=company.business_calendar.name, zone=company.business_calendar.time_zone, hours=hours
    )
    Holiday.objects.bulk_create(
        Holiday(calendar=calendar, day=row.date, name=row.name) for row in company.business_calendar.holidays
    )
    for line in company.lines_of_business:
        found.lines[line.slug] = LineOfBusiness.objects.create(
            name=line.name, description=line.description, calendar=calendar
        )
    for team in company.teams:
        found.teams[team.slug] = Team.objects.create(
            name=team.name, line_of_business=found.lines.get(team.line_of_business)
        )
    for queue in company.queues:
        found.queues[queue.slug] = Queue.objects.create(
            name=queue.name,
            team=found.teams.get(queue.team),
            line_of_business=found.lines.get(queue.line_of_business),
        )


def _load_people(company: sample.SampleCompany, found: Loaded) -> None:
    roles = {role.code: role for role in Role.objects.all()}
    for person in company.people:
        team = found.teams.get(person.team)
        line = team.line_of_business if team else None
        user = create_person(
            email=person.email,
            name=f"{person.first_name} {person.last_name}",
            by=None,
            password=PASSWORD,
            roles=[roles[person.role]],
            teams=[team] if team else [],
            lines=[line] if line and person.visibility != "all" else list(found.lines.values()),
        )
        found.people.append(user)


def _load_catalogue(products: sample.SampleProducts, found: Loaded) -> None:
    families = {row.slug: ProductFamily.objects.create(name=row.name) for row in products.families}
    for row in products.products:
        found.products[row.slug] = Product.objects.create(
            name=row.name,
            family=families.get(row.family),
            sku=row.sku,
            aliases=row.aliases,
            description=row.description,
            serial_pattern=row.serial_pattern or "",
        )
    for subject in products.subjects:
        found.subjects[subject.slug] = Subject.objects.create(
            name=subject.name, parent=found.subjects.get(subject.parent or ""), description=subject.description
        )
    for name, rows in (("category", products.categories), ("type", products.types)):
        FieldOption.objects.bulk_create(
            FieldOption(field=name, value=row.slug, label=row.name, description=row.description, order=place)
            for place, row in enumerate(rows)
        )


def _load_articles(found: Loaded, now: dt.datetime) -> None:
    author = next(person for person in found.people if person.roles.filter(code="author").exists())
    for row in sample.read_articles():
        line = found.lines.get(row.line_of_business)
        article = articles.create_article(
            title=row.title,
            body=row.body,
            audience=row.audience,
            language=row.language,
            lines_of_business=[line] if line else [],
            products=[found.products[slug] for slug in row.products],
            subjects=[found.subjects[slug] for slug in row.subjects],
            by=author,
            now=now,
        )
        articles.set_state(article, state=Article.State.PUBLISHED, by=author, now=now)


def _load_intents(found: Loaded, admin: Any, now: dt.datetime) -> None:
    library = sample.read_intents()
    made = {
        name: groups.save_group(None, by=admin, name=name, review_state="approved", now=now) for name in library.groups
    }
    for row in library.intents:
        intent = save_intent(
            None,
            by=admin,
            name=row.name,
            definition=row.definition,
            group=made[row.group],
            line_of_business=found.lines.get(row.line_of_business),
            is_self_service=row.self_service,
            review_state="approved",
            attributes=[attribute.model_dump() for attribute in row.attributes],
            now=now,
        )
        add_examples(intent, row.examples, by=admin, now=now)


def _load_templates(found: Loaded) -> None:
    for row in sample.read_templates():
        purpose = "reply" if "{{ body }}" in row.body else "note"
        template = MessageTemplate.objects.create(
            name=row.name, subject=row.subject, body=row.body, language=row.language, purpose=purpose
        )
        if row.line_of_business:
            template.lines_of_business.add(found.lines[row.line_of_business])


def _load_mailboxes(company: sample.SampleCompany, found: Loaded, now: dt.datetime) -> None:
    for box in company.mailboxes:
        Mailbox.objects.create(
            name=box.name,
            address=box.address,
            purpose=box.purpose,
            line_of_business=found.lines.get(box.line_of_business),
            queue=found.queues.get(box.queue),
            signature=box.signature,
            # Before the oldest mail of the sample, so that all of it is live.
            history_before=now - dt.timedelta(days=60),
            smtp_host="127.0.0.1",
            smtp_security=Mailbox.Security.NONE,
        )


def _load_settings(products: sample.SampleProducts, admin: Any) -> None:
    bars = [{"field": name, "suggest": 0.5, "fill": 0.85, "pattern": ""} for name in FIELDS]
    next(row for row in bars if row["field"] == "order_number")["pattern"] = products.order_number_pattern
    named = next(row.name for row in sample.read_templates() if row.slug == "answer-from-knowledge")
    answer = MessageTemplate.objects.get(name=named)
    values = {
        "intents.matching": ({"bar": 0.5, "several": True, "asks": True}, "auto"),
        "cases.creation": ({"open_without_rule": True}, "auto"),
        "cases.fields": ({"overwrite_people": False, "fields": bars}, "auto"),
        "knowledge.creation": ({"audience": "external"}, "ask"),
        "knowledge.help_centre": (
            {"name": "Halden & Roe", "contact": "care@haldenroe.example", "feedback": True},
            "auto",
        ),
        "cases.resolution": ({"auto_from": 0.95, "reopen_days": 14, "template": answer.pk}, "ask"),
    }
    for name, (settings, level) in values.items():
        configuring.save(SECTIONS[name], values=settings, level=level, is_on=True, by=admin, expected=None)
    everything = {"join": "all", "items": [{"fact": "status", "op": "is", "value": "open"}]}
    rule = configuring.RuleDraft(
        id=None,
        name="Everything the customer adds",
        conditions=everything,
        level="auto",
        outcome={"fields": FIELDS},
        is_active=True,
    )
    configuring.save_rule(SECTIONS["cases.fields"], rule, by=admin)
    _load_discovery(admin)
    _load_follow_ups(admin)


def _load_discovery(admin: Any) -> None:
    """Look every day for reasons to write that the library does not know."""
    section = SECTIONS["intents.discovery"]
    configuring.change_settings(section, by=admin, is_on=True)
    rule = configuring.RuleDraft(
        None,
        "All mail of the last two months",
        {"join": "all", "items": [{"fact": "mailbox", "op": "not_empty"}]},
        outcome={
            "line_of_business": None,
            "granularity": "medium",
            "default_status": "pending",
            "is_scheduled": True,
        },
        is_active=True,
    )
    configuring.save_rule(section, rule, by=admin)


def _load_follow_ups(admin: Any) -> None:
    """A rule by the calendar, and before it one that waits a minute, so that the demo shows a follow-up."""
    section = SECTIONS["followups.follow_ups"]
    configuring.change_settings(section, by=admin, is_on=True)
    templates = {row.slug: row.name for row in sample.read_templates()}
    keys = dict(MessageTemplate.objects.values_list("name", "pk"))
    first, last, closed = (keys[templates[slug]] for slug in ("gentle-reminder", "last-note", "closed-no-answer"))
    shape = {
        "triggers": ["status", "words"], "status_reason": "waiting", "own_mail_counts": False,
        "references": ["number"], "in_hours": True, "closing_mail": True, "closing_template": closed,
        "resolution_type": "no_answer", "resolution": "The customer did not answer.",
        "end": {"wait": 3, "unit": "days"},
    }  # fmt: skip
    days = [{"wait": 2, "unit": "days", "template": first}, {"wait": 3, "unit": "days", "template": last}]
    minute = [{"wait": 1, "unit": "minutes", "template": first}, {"wait": 5, "unit": "minutes", "template": last}]
    soon = {**shape, "steps": minute, "end": {"wait": 10, "unit": "minutes"}, "in_hours": False}
    urgent = {"join": "any", "items": [{"fact": "priority", "op": "is", "value": "urgent"}]}
    every = {"join": "all", "items": [{"fact": "status", "op": "is", "value": "open"}]}
    for name, tree, outcome, is_active in (
        ("After a minute, for the demo", every, soon, True),
        ("Urgent cases", urgent, {**shape, "steps": days[:1]}, False),
        ("Waiting for the customer", every, {**shape, "steps": days}, True),
    ):
        rule = configuring.RuleDraft(
            id=None, name=name, conditions=tree, level="ask", outcome=outcome, is_active=is_active
        )
        configuring.save_rule(section, rule, by=admin)


def _load_history(found: Loaded, admin: Any, now: dt.datetime) -> None:
    """Solved cases whose values people confirmed: what the local engine learns from."""
    for place, row in enumerate(sample.read_history()):
        contact, _created = Contact.objects.get_or_create(
            address=f"customer{place + 1}@past.example", defaults={"name": f"Customer {place + 1}"}
        )
        line = found.lines.get(row.line_of_business)
        case = intake.open_case(
            title=row.subject,
            description=row.text,
            contact=contact,
            line_of_business=line,
            created_at=now - dt.timedelta(days=90 - place),
            by=None,
            why="Loaded with the sample company.",
            now=now,
        )
        product = found.products.get(row.product or "")
        values = {
            "category": row.category,
            "type": row.type,
            "priority": row.priority,
            "product": product.pk if product else None,
            "order_number": row.order_number or "",
        }
        set_fields(lock_case(case.pk), {name: value for name, value in values.items() if value}, by=admin, now=now)
        Case.objects.filter(pk=case.pk).update(is_unread=False)
        resolve_case(case, by=admin, resolution_type="solved", resolution=row.resolution, now=now)


def _load_solved(found: Loaded, now: dt.datetime) -> None:
    """Cases that were solved just now, with what was said: the agent drafts articles from them when the demo runs."""
    mailbox = Mailbox.objects.order_by("pk").first()
    owner = next(person for person in found.people if person.roles.filter(code="representative").exists())
    for place, row in enumerate(sample.read_solved()):
        at = now - dt.timedelta(hours=6, minutes=place)
        contact = Contact.objects.create(
            address=f"solved{place + 1}@past.example", name=row.name, language=row.language
        )
        conversation = Conversation.objects.create(
            subject=row.subject, contact=contact, mailbox=mailbox, reply_token=f"solved{place:06}", taker="cases"
        )
        line, product = found.lines.get(row.line_of_business), found.products.get(row.product or "")
        case = intake.open_case(
            title=row.subject, contact=contact, line_of_business=line, created_at=at, by=None,
            why="Loaded with the sample company.", now=now, defaults={"product": product, "owner": owner},
        )  # fmt: skip
        CaseConversation.objects.create(case=case, conversation=conversation, is_current=True)
        said = [
            (Message.Direction.IN, row.asked, {"from_name": row.name, "from_address": contact.address}),
            (
                Message.Direction.OUT,
                row.answered,
                {"author": owner, "from_address": mailbox.address if mailbox else ""},
            ),
        ]
        for turn, (direction, text, fields) in enumerate(said):
            sent = at + dt.timedelta(minutes=30 * turn)
            message = Message.objects.create(
                conversation=conversation, direction=direction, mailbox=mailbox, contact=contact, subject=row.subject,
                text=text, newest_text=text, language=row.language, sent_at=sent, received_at=sent, offered_at=sent,
                identity=f"solved-{place}-{turn}", **fields,
            )  # fmt: skip
            intake.add_own_message(case, message, now=sent)
            case.refresh_from_db()
        Case.objects.filter(pk=case.pk).update(
            is_unread=False, fields_seen=case.last_inbound_id, reply_seen=case.last_inbound_id
        )
        resolve_case(case, by=owner, resolution_type="solved", resolution="Answered by mail.", now=now)


def people_to_print() -> list[tuple[str, str]]:
    """Log-ins of the demo: address and role, one of each role."""
    rows = get_user_model().objects.filter(is_agent=False, is_active=True).prefetch_related("roles").order_by("pk")
    shown: dict[str, str] = {}
    for person in rows:
        for role in person.roles.all():
            shown.setdefault(role.name, person.email)
    return [(address, role) for role, address in shown.items()]
