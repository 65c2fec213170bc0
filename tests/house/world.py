"""One of everything that an address may name, and one person of every role, for the matrix of routes."""

import re
from collections.abc import Iterator
from http.cookies import SimpleCookie

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone
from model_bakery import baker

from accounts import tokens
from accounts.models import Ability, Role, Team, User
from accounts.notifications import notify
from accounts.roles import ensure_roles
from agents.actors import agent_user
from agents.manage import lines
from agents.models import Attempt, Calendar, Effect, Entry, LanguageModel, LineOfBusiness, ModelCall, Rule
from agents.sections import SECTIONS, configuring
from cases import replies, resolving
from cases.models import Case, FieldDefinition, FieldOption
from conversations import todos
from conversations.models import MessageTemplate, Suppression
from followups import links
from followups.models import Plan, Step
from intents.models import Candidate, Determination, DiscoveryRun, Intent, IntentGroup
from knowledge.models import Article, ArticleImport, Harvest, HarvestRun, Product, Subject
from sales.models import Lead, LeadImport

BACKEND = settings.AUTHENTICATION_BACKENDS[0]
ROLES = ["administrator", "supervisor", "representative", "author", "seller"]


def all_routes() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Name (with its namespaces; the pattern where it has none) and names of the parameters of every address."""
    yield from _walk(get_resolver(), "", ())


def _walk(resolver: URLResolver, prefix: str, spaces: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for each in resolver.url_patterns:
        pattern = prefix + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from _walk(each, pattern, (*spaces, each.namespace) if each.namespace else spaces)
        elif isinstance(each, URLPattern):
            parameters = tuple(re.findall(r"<(?:\w+:)?(\w+)>", pattern))
            yield (":".join([*spaces, each.name]) if each.name else pattern), parameters


@pytest.fixture
def people(db: None) -> dict[str, User | None]:
    """Who asks, by the names in routes.py."""
    ensure_roles()
    made: dict[str, User | None] = {"anonymous": None, "agent": agent_user("case-management")}
    for code in ROLES:
        made[code] = User.objects.create_user(f"{code}@haldenroe.example", "long words here", name=code)
        made[code].roles.set(Role.objects.filter(code=code))
    return made


@pytest.fixture
def things(come_in, arrive, switch, publish, people, ann) -> dict[str, object]:
    """One row of everything that an address names, by what it is."""
    publish("Water leaks under the machine", "If water leaks under the machine, press the hose onto the clip.")
    publish("Hoses", "Hoses last five years.")
    message = come_in(
        subject="Leak",
        body="Water leaks under my machine. The order is HR-204118. What do I do?",
        attachments=(("note.txt", b"Hello"),),
    )
    case = Case.objects.get()
    (draft,) = resolving.suggest_next(case, now=timezone.now())
    other = come_in(subject="Hello", body="Where is my parcel?", sender="Ivo <ivo@customer.example>")
    replies.send_reply(Case.objects.get(message_links__message=other), body="Hello", by=ann, key="by-hand")
    parked = arrive(body="Hello there")
    type(parked).objects.filter(pk=parked.pk).update(state="parked")
    token, _plain = tokens.issue_token(people["seller"], name="x", scopes=["cases:read"], by=people["seller"])
    line = lines.save_line(LineOfBusiness(name="Trade"), by=ann)
    configuring.change_settings(SECTIONS["cases.creation"], by=ann, is_on=True)
    plan = make_plan(case, Plan.State.RUNNING)
    closed = make_plan(case, Plan.State.ENDED, ended_at=timezone.now(), ended_as="closed", reopen_key="k" * 32)
    configuring.change_settings(SECTIONS["knowledge.help_centre"], by=ann, is_on=True)
    return {
        "plan": plan,
        "step": baker.make(Step, plan=plan, what="follow_up", number=1, state="done"),
        "closed plan": closed,
        "case": case,
        "message": message,
        "attachment": message.attachments.get(),
        "suggestion": draft,
        "effect": Effect.objects.get(),
        "suppression": baker.make(Suppression, digest="0" * 64, reason="person", by=ann),
        "entry": Entry.objects.filter(object_id=case.pk).first(),
        "mailbox": message.mailbox,
        "template": baker.make(MessageTemplate, name="Hello", body="Hello"),
        "delivery": parked,
        "article": Article.objects.first(),
        "harvest": baker.make(Harvest, source="case", object_id=case.pk, label="Case 1"),
        "run": baker.make(HarvestRun, source="case"),
        "import": baker.make(ArticleImport, name="articles.csv"),
        "lead": Lead.objects.create(company_name="Brightwater Hotels", email="r@brightwater.example"),
        "leads": LeadImport.objects.create(name="leads.csv", state="done", created_by=people["seller"]),
        "product": baker.make(Product, name="Duo"),
        "subject": baker.make(Subject, name="Leaks"),
        "person": people["seller"],
        "team": baker.make(Team, name="North"),
        "ability": baker.make(Ability, name="German"),
        "work": Attempt.objects.create(
            sweep="gone.sweep", object_id=7, parked_at=timezone.now(), error="ValueError: x"
        ),
        "task": todos.create_task("Call Ellen", subject=case, by=ann),
        "notification": notify(people["seller"], "Lead assigned", link="/", kind="assigned"),
        "token": token,
        "queue": case.queue,
        "definition": baker.make(FieldDefinition, name="contract", label="Contract", type="text"),
        "option": baker.make(FieldOption, field="category", value="fault", label="Fault"),
        "line": line,
        "intent": baker.make(Intent, name="Leaks", key="leaks"),
        "group": baker.make(IntentGroup, name="Faults"),
        "determination": baker.make(Determination, message=message, conversation=message.conversation),
        "calendar": baker.make(Calendar, name="Office", zone="UTC"),
        "model": baker.make(LanguageModel, name="Stub", model="stub-1"),
        "model call": baker.make(ModelCall, skill="cases.draft_reply", asked="stub-1"),
        "discovery": (run := baker.make(DiscoveryRun, name="All", conditions={}, state="done")),
        "candidate": baker.make(Candidate, run=run, name="Parcels", examples=[{"message": 1, "text": "Where is it?"}]),
        "rule": Rule.objects.create(section="cases.creation", name="All", order=1, conditions={}),
    }


def make_plan(case: Case, state: str, **more: object) -> Plan:
    """A plan on the case's last message, due now."""
    wait = {"wait": 2, "unit": "days", "template": None}
    now = timezone.now()
    return Plan.objects.create(
        case=case, rule_name="Quiet", shape={"steps": [wait, wait], "end": wait}, trigger="status", state=state,
        last_message=case.last_message, seen_inbound=case.last_inbound, quiet_since=now, since=now, due_at=now,
        look_at=now, **more,
    )  # fmt: skip


# What the last name of an address stands for, where it is not the name of the row itself.
ROWS = {
    "agents:model_test": "model", "agents:model_delete": "model", "agents:model_call": "model call",
    "agents:undo": "suggestion", "agents:review_one": "suggestion", "agents:accept": "suggestion",
    "agents:edit": "suggestion", "agents:accept_edited": "suggestion", "agents:reject": "suggestion",
    "agents:renew": "suggestion", "agents:rate": "suggestion", "agents:settle_effect": "effect",
    "agents:ask_delete": "rule",
    "agents:change_rule": "rule", "agents:versions": "line", "agents:version": "line",
    "agents:forget_line": "line", "accounts:make_link": "person", "accounts:reset_factor": "person",
    "hub:retry_work": "work", "hub:give_up_work": "work",
    "accounts:change_work": "person", "accounts:remove_ability": "ability", "api:people-detail": "person",
    "api:skills-detail": "ability",
    "accounts:remove_team": "team", "accounts:revoke_token": "token", "accounts:revoke_own_token": "token",
    "accounts:end_session": "token", "knowledge:import_report": "import", "knowledge:start_import": "import",
    "knowledge:edit": "article", "knowledge:state": "article", "knowledge:versions": "article",
    "knowledge:reason": "article", "knowledge:certify": "article", "knowledge:dates": "article",
    "knowledge:draft": "harvest", "knowledge:decide_draft": "harvest",
    "knowledge:revise_draft": "harvest", "api:articles-revise": "suggestion",
    "knowledge:reject_draft": "harvest", "knowledge:split_draft": "harvest", "knowledge:change_run": "run",
    "knowledge:restore": "article", "knowledge:remove_subject": "subject", "conversations:test_mailbox": "mailbox",
    "conversations:switch_mailbox": "mailbox", "conversations:parked_mail": "delivery",
    "conversations:hand_in": "mailbox", "conversations:finish_task": "task", "conversations:reopen_task": "task",
    "conversations:export_parked": "delivery", "conversations:retry_parked": "delivery",
    "conversations:discard_parked": "delivery",
    "intents:examples": "intent", "intents:attributes": "intent", "intents:articles": "intent",
    "intents:review_intent": "intent", "intents:run": "discovery", "intents:run_progress": "discovery",
    "intents:move": "discovery", "intents:run_reviewed": "discovery", "intents:run_export": "discovery",
    "intents:candidate_name": "candidate", "intents:start_test": "rule",
    "intents:members": "group", "intents:review_group": "group",
    "conversations:picture": "attachment",
    "conversations:lift_suppression": "suppression", "conversations:unsubscribe": "token",
    "conversations:with_images": "message",
    "sales:cadence": "lead",
    "sales:fields": "lead", "sales:assign": "lead", "sales:research": "lead", "sales:move": "lead",
    "sales:import_one": "leads", "sales:start_import": "leads", "sales:cancel_import": "leads",
    "sales:import_report": "leads", "api:lead-imports-detail": "leads", "api:lead-imports-start": "leads",
    "api:lead-imports-rows": "leads",
    "followups:send": "plan", "followups:skip": "plan", "followups:move": "plan", "followups:stop": "plan",
    "followups:rate": "step",
}  # fmt: skip
# These speak to a mail server, which nothing inside a transaction may.
WIRES = {"hub:test", "conversations:test_mailbox", "conversations:test_new_mailbox"}
FIXED = {
    "name": "decided",
    "field": "category",
    "agent": "case-management",
    "slug": "creation",
    "what": "line",
    "code": "author",
    "key": "x",
    "uidb36": "1",
}


def address_of(name: str, parameters: tuple[str, ...], things: dict[str, object]) -> str:
    """The address, with the rows of ``things`` in its parameters."""
    values: dict[str, object] = {}
    for parameter in parameters:
        row = things.get(ROWS.get(name) or name.split(":")[-1].split("-")[0].removesuffix("s"))
        if parameter == "number":
            values[parameter] = (
                1 if ":versions" in name or name.endswith(("version", "restore")) else things["case"].number
            )
        elif parameter == "uid":
            values[parameter] = str(things["line"].uid)
        elif name == "followups:reopen":
            values[parameter] = links.reopen_url(things["closed plan"]).rstrip("/").rpartition("/")[2]
        elif parameter == "act":
            values[parameter] = "stop" if name == "agents:settle_effect" else "up"
        elif parameter in FIXED:
            values[parameter] = FIXED[parameter]
        else:
            assert row is not None, f"{name}: no row for {parameter}"
            values[parameter] = row.pk
    return reverse(name, kwargs=values)


class Visitor:
    """Somebody who asks for addresses, signed in once; what a request changed is taken back."""

    def __init__(self, user: User | None) -> None:
        self.client = Client(raise_request_exception=False)
        if user is not None:
            self.client.force_login(user, backend=BACKEND)
        self.cookies = self.client.cookies.output(header="", sep=";")
        self.shown = ""
        """What the last request showed: body and headers."""

    def ask(self, method: str, address: str, name: str) -> int:
        """The status of a request without a body."""
        self.client.cookies = SimpleCookie(self.cookies)
        if name in WIRES:
            return self._ask(method, address)
        with transaction.atomic():
            status = self._ask(method, address)
            transaction.set_rollback(True)
        return status

    def _ask(self, method: str, address: str) -> int:
        answer = self.client.generic(method, address)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        self.shown = body.decode("utf-8", "replace") + str(answer.headers)
        return answer.status_code
