"""The Manage page of assignment."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django import forms
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.capacity import DEFAULT_CAPACITY
from accounts.models import Ability, PersonAbility, User
from accounts.presence import Presence
from agents import sections
from agents.models.levels import Level
from agents.sections import Claim, Prerequisite, Trial, section
from cases.access import visible_cases
from cases.assignment import plan_assignment
from cases.assignment_forms import AssignmentForm, AssignmentRuleForm
from cases.case_section import CaseSection
from cases.choosing import PERSON, WAYS, WHO_COUNTS
from cases.models import Assignment, Case
from cases.pools import KIND, SECTION, people_who_work
from conversations.models import Queue


@section
class AssignmentSection(CaseSection):
    """Which queue and which person a case goes to."""

    name = SECTION
    title = gettext_lazy("Assignment")
    lead = gettext_lazy(
        "Gives each case a queue and an owner, by what it is about, who is there, who has room and who can do it. "
        "An owner whom a person chose stays."
    )
    icon = "route"
    order = 15
    form_class: ClassVar[type[forms.Form]] = AssignmentForm
    form_title = gettext_lazy("Room and order")
    defaults: ClassVar[Mapping[str, Any]] = {"capacity": DEFAULT_CAPACITY, "order": "fifo", "count_waiting": True}
    kinds: ClassVar[Sequence[str]] = (KIND,)
    rule_form: ClassVar[type[forms.Form] | None] = AssignmentRuleForm
    rule_template = "cases/manage/assignment_rule.html"
    rules_note = gettext_lazy(
        "Asked when a case is opened, when its intent becomes known and when it comes back to a queue. "
        "The first rule that matches decides."
    )
    no_rules = gettext_lazy("Without a rule every case stays in the queue it came to.")
    rule_may_be_empty = True
    model = Case
    subjects = gettext_lazy("open cases")
    applies = gettext_lazy("They apply from the moment you save, also to open cases that nobody owns.")
    can_try = True
    consequences: ClassVar[Mapping[str, Any]] = {
        Level.OFF: gettext_lazy("Cases stay in the queue they came to."),
        Level.OBSERVE: gettext_lazy("Who would get it is noted on the case; nobody gets anything."),
        Level.ASK: gettext_lazy("Every assignment waits for a person."),
        Level.AUTO: gettext_lazy("The case goes there at once, and its new owner is told."),
    }

    def prerequisites(self) -> list[Prerequisite]:
        """Queues with a team, and somebody who is there."""
        has_team = Queue.objects.filter(team__members__in=people_who_work()).exists()
        there = people_who_work().filter(presence=Presence.AVAILABLE).count()
        return [
            Prerequisite(
                _("A queue has a team with people"),
                Prerequisite.READY if has_team else Prerequisite.INCOMPLETE,
                reverse("conversations:queues"),
                fix_label=_("Open queues"),
            ),
            Prerequisite(
                _("Somebody is available"),
                Prerequisite.READY if there else Prerequisite.IN_PROGRESS,
                reverse("accounts:people"),
                _("%(count)d now") % {"count": there},
                _("Open people"),
            ),
        ]

    def check_rule(self, rule: dict[str, Any]) -> list[str]:
        """A named person who works cases, a queue of the rule's line, and skills that exist."""
        outcome = rule.get("outcome") or {}
        wrong = []
        if outcome.get("way") == PERSON and not people_who_work().filter(pk=outcome.get("person") or 0).exists():
            wrong.append(_("The person it names does not work cases."))
        queue = Queue.objects.filter(pk=outcome.get("queue") or 0).first()
        line = rule.get("line_of_business")
        if queue is not None and line and queue.line_of_business_id not in (None, line):
            wrong.append(_("The queue %(queue)s belongs to another line of business.") % {"queue": queue})
        needed = {row["ability"] for row in outcome.get("abilities", [])}
        if Ability.objects.filter(pk__in=needed).count() != len(needed):
            wrong.append(_("A skill it asks for does not exist any more."))
        return wrong

    def describe_outcome(self, outcome: dict[str, Any]) -> str:
        """Queue, owner, who counts, skills."""
        queue = Queue.objects.filter(pk=outcome.get("queue") or 0).first()
        person = User.objects.filter(pk=outcome.get("person") or 0).first()
        parts = [_("Moves to %(queue)s") % {"queue": queue}] if queue else []
        if outcome.get("way") == PERSON:
            parts.append(_("Gives it to %(name)s") % {"name": person or _("nobody")})
        else:
            parts.append(str(dict(WAYS).get(outcome.get("way", ""), "")))
        if outcome.get("way") != "nobody":
            parts.append(str(dict(WHO_COUNTS).get(outcome.get("presence", ""), "")))
        levels = dict(PersonAbility.Level.choices)
        for row in outcome.get("abilities", []):
            name = Ability.objects.filter(pk=row["ability"]).first() or _("a skill that is gone")
            parts.append(f"{name}: {levels.get(row['level'], '')}")
        return " · ".join(part for part in parts if part)

    def try_it(self, given: str, loaded: sections.Loaded, *, user: Any) -> Trial:
        """Where the case would go now, and to whom; nothing is written."""
        number = given.strip()
        cases = visible_cases(user).select_related("queue", "owner", "line_of_business", "contact", "last_inbound")
        case = cases.filter(number=int(number)).first() if number.isdecimal() and len(number) < 15 else None
        if case is None:
            return Trial(error=_("Choose a case."))
        row = Assignment.objects.filter(case=case).first() or Assignment(case=case)
        plan = plan_assignment(case, loaded, row, now=timezone.now())
        text = case.last_inbound.newest_text if case.last_inbound else case.description
        if plan.rule is None:
            return Trial(claims=[Claim(_("Queue"), str(case.queue or "—"), plan.why)], text=text)
        moves = plan.queue is not None and plan.queue.pk != case.queue_id
        chosen = plan.choice.person if plan.choice else None
        claims = [
            Claim(_("Queue"), str(plan.queue or "—"), _("Moves there") if moves else _("Stays there")),
            Claim(_("Owner"), chosen.name if chosen else _("Nobody"), plan.why, "good" if chosen else "ask"),
        ]
        if case.owner is not None:
            claims.append(Claim(_("Mind"), _("%(who)s has it and keeps it.") % {"who": case.owner}))
        return Trial(claims=claims, text=text, rule=plan.rule.name)

    def try_choices(self, user: Any) -> list[tuple[str, str]]:
        """The newest open cases this user may see, those that nobody owns first."""
        rows = visible_cases(user).filter(status=Case.Status.OPEN)
        rows = rows.order_by(F("owner").asc(nulls_first=True), "-last_message_at")[:20]
        return [(str(case.number), str(case)) for case in rows]
