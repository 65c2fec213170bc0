"""The Manage page of follow-up and closure."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django import forms
from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from agents import sections
from agents.cadence.calendars import hours_of
from agents.models import Rule
from agents.models.levels import Level
from agents.sections import Claim, Prerequisite, Trial, section
from cases.access import visible_cases
from cases.models import Case
from cases.sections import CaseSection
from conversations.models import Mailbox
from followups import composing, judging, shapes, starting
from followups.checking import check_shape
from followups.models import Plan
from followups.plans import SECTION
from followups.setting_forms import FollowUpsForm, PlanRuleForm


@section
class FollowUps(CaseSection):
    """Which silences are chased, when, with which words, and when the case is closed."""

    name = SECTION
    title = gettext_lazy("Follow-ups")
    lead = gettext_lazy(
        "Follow-up and closure: writes again when the customer goes quiet, and closes the case when nobody answers."
    )
    icon = "alarm-clock"
    order = 40
    form_class: ClassVar[type[forms.Form]] = FollowUpsForm
    form_template = "followups/manage/settings.html"
    defaults: ClassVar[Mapping[str, Any]] = {
        "oldest_days": 60,
        "link_days": 30,
        "footer": "This mail was prepared by a computer. Answer it, and a person reads your answer.",
    }
    levels = False
    kinds: ClassVar[Sequence[str]] = ("followups.send_follow_up", "followups.close_case")
    rule_form: ClassVar[type[forms.Form] | None] = PlanRuleForm
    rule_template = "followups/manage/rule.html"
    model = Case
    subjects = gettext_lazy("open cases")
    rules_note = gettext_lazy("The first rule that matches a quiet case begins its plan.")
    no_rules = gettext_lazy("Without a rule nobody is chased and no case is closed.")
    applies = gettext_lazy("They apply to silences from the moment you save; running plans keep their steps.")
    can_try = True
    try_note = gettext_lazy("Which rule would chase this case, when, and with which first mail.")
    consequences: ClassVar[Mapping[str, Any]] = {
        Level.OFF: gettext_lazy("No plan begins; running ones rest."),
        Level.OBSERVE: gettext_lazy("Plans run and note what they would have sent; nothing is sent or closed."),
        Level.ASK: gettext_lazy("Every follow-up and every closing waits for a person."),
        Level.AUTO: gettext_lazy("Follow-ups are sent after a minute, and the case is closed at the end."),
    }

    def prerequisites(self) -> list[Prerequisite]:
        """A server to send by."""
        sends = Mailbox.objects.filter(is_active=True).exclude(smtp_host="")
        state = Prerequisite.READY if sends.exists() else Prerequisite.INCOMPLETE
        where = reverse("conversations:mailboxes")
        return [Prerequisite(_("A mailbox can send"), state, where, fix_label=_("Open mailboxes"))]

    def check_rule(self, rule: dict[str, Any]) -> list[str]:
        """No start, no end, a template that cannot be filled in; and nothing leaves without a mailbox."""
        wrong = check_shape(rule["outcome"])
        sends = Mailbox.objects.filter(is_active=True).exclude(smtp_host="")
        if rule["level"] == Level.AUTO and rule["is_active"] and not sends.exists():
            wrong.append(_("Full automation needs a mailbox with an SMTP server."))
        return wrong

    def describe_outcome(self, outcome: dict[str, Any]) -> str:
        """How many follow-ups, after which waits, and when it ends."""
        steps = outcome.get("steps") or []
        waits = ", ".join(shapes.words_of_wait(step) for step in steps)
        text = ngettext("%(count)d follow-up after %(waits)s", "%(count)d follow-ups after %(waits)s", len(steps))
        told = text % {"count": len(steps), "waits": waits}
        end = outcome.get("end")
        return told + (_(", closed after %(wait)s") % {"wait": shapes.words_of_wait(end)} if end else "")

    def context(self, loaded: sections.Loaded, *, user: Any) -> dict[str, Any]:
        """How many plans each rule has running."""
        running = Rule.objects.filter(section=self.name).annotate(
            running=Count("plans", filter=Q(plans__state=Plan.State.RUNNING))
        )
        return {"running_plans": [rule for rule in running.order_by("order", "id") if rule.running]}

    def try_it(self, given: str, loaded: sections.Loaded, *, user: Any) -> Trial:
        """The plan that these settings would begin for a case now."""
        number = given.strip().lstrip("#")
        related = ("contact", "line_of_business__calendar", "last_inbound", "last_message", "owner")
        rows = visible_cases(user).select_related(*related)
        case = rows.filter(number=int(number)).first() if number.isdecimal() and len(number) < 15 else None
        if case is None:
            return Trial(error=_("Choose a case, or type its number."))
        now = timezone.now()
        match = starting.find_match(case, loaded, now)
        if match is None or case.last_message is None:
            return Trial(error=_("No plan would begin: no rule and trigger fits this case as it is."))
        since, hours = case.last_message.received_at, hours_of(judging.calendar_of(case))
        shape = match.rule.outcome
        claims = [
            Claim(
                _("Follow-up %(number)d") % {"number": due.number} if due.kind == "step" else _("Close the case"),
                date_format(timezone.localtime(due.at), "D j F, H:i"),
                _("Due now") if due.at <= now else "",
                "ask" if match.rule.level == Level.ASK else "plain",
            )
            for due in shapes.list_shape_dates(shape, since=since, hours=hours)
        ]
        letter = composing.write_step(case, shape, min(shapes.first_step(shape) + 1, len(shape["steps"])))
        return Trial(claims=claims, text=letter.body, rule=match.why)
