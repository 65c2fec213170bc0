"""Forms of the outreach pages."""

import datetime as dt
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.choices import PersonField, TeamField, people_choices
from agents import sections
from agents.choices import CalendarField, PercentField, RowField
from conversations.choices import TemplateField
from conversations.models import Mailbox
from knowledge.models import Article
from sales.outreach import handover
from sales.outreach.plan import find_prohibited, read_lines, read_offers, read_waits, read_woven
from sales.outreach.wording import LANGUAGES

WEEKDAYS = [
    ("0", gettext_lazy("Monday")), ("1", gettext_lazy("Tuesday")), ("2", gettext_lazy("Wednesday")),
    ("3", gettext_lazy("Thursday")), ("4", gettext_lazy("Friday")), ("5", gettext_lazy("Saturday")),
    ("6", gettext_lazy("Sunday")),
]  # fmt: skip
LANGUAGE_NAMES = {"en": _("English"), "de": "Deutsch", "fr": "Français", "es": "Español"}


def sales_mailboxes() -> list[tuple[int, str]]:
    """The mailboxes that may write to leads."""
    rows = Mailbox.objects.filter(purpose__in=[Mailbox.Purpose.SALES, Mailbox.Purpose.BOTH], is_active=True)
    return [(box.pk, f"{box.name} ({box.address})") for box in rows]


class OutreachForm(forms.Form):
    """From where, in which rhythm, and what a mail says."""

    mailbox = RowField(
        label=gettext_lazy("Mailbox"),
        rows=sales_mailboxes,
        empty=gettext_lazy("None yet"),
        help_text=gettext_lazy("Mails leave from it, answers come back to it. Its purpose is sales, or both."),
    )
    sender = forms.CharField(
        label=gettext_lazy("Signed by"),
        required=False,
        max_length=120,
        help_text=gettext_lazy(
            "The name under the mail; empty: the signature of the General page. The mailbox's own follows."
        ),
    )
    waits = forms.CharField(
        label=gettext_lazy("Days between mails"),
        required=False,
        max_length=60,
        initial="3, 5",
        help_text=gettext_lazy("“3, 5” is three mails: at once, 3 days after the first left, 5 days after the second."),
    )
    end_days = forms.IntegerField(
        label=gettext_lazy("Days to wait after the last mail"),
        min_value=1,
        max_value=90,
        initial=7,
        help_text=gettext_lazy("Then the lead is closed."),
    )
    days = forms.MultipleChoiceField(
        label=gettext_lazy("Days on which mails leave"),
        choices=WEEKDAYS,
        widget=forms.CheckboxSelectMultiple,
        initial=["0", "1", "2", "3", "4"],
    )
    begins = forms.TimeField(
        label=gettext_lazy("From"), initial=dt.time(8), widget=forms.TimeInput(attrs={"type": "time"})
    )
    ends = forms.TimeField(
        label=gettext_lazy("To"), initial=dt.time(18), widget=forms.TimeInput(attrs={"type": "time"})
    )
    calendar = CalendarField(
        label=gettext_lazy("Business calendar"),
        empty=gettext_lazy("None: UTC, no holidays"),
        help_text=gettext_lazy("Its zone holds, and nothing leaves on its holidays."),
    )
    lead_zone = forms.BooleanField(
        label=gettext_lazy("Use the zone of the lead's country"),
        required=False,
        help_text=gettext_lazy("Where the country is known and has one zone."),
    )
    sender_checked = forms.BooleanField(
        label=gettext_lazy("SPF and DKIM of this mailbox are set up"),
        required=False,
        help_text=gettext_lazy("Needed for mail without a person, until a mail of it that came back to you proves it."),
    )
    daily_cap = forms.IntegerField(
        label=gettext_lazy("Mails a day at most"),
        min_value=1,
        max_value=2000,
        initial=40,
        help_text=gettext_lazy("What is over it leaves on the next day."),
    )
    mode = forms.ChoiceField(
        label=gettext_lazy("The text is"),
        initial="composed",
        choices=[("composed", gettext_lazy("Written by the agent")), ("fixed", gettext_lazy("A fixed template"))],
    )
    template = TemplateField(
        label=gettext_lazy("Fixed template"),
        which=Q(purpose="outreach"),
        empty=gettext_lazy("None"),
        help_text=gettext_lazy("Used word for word; no model is asked."),
    )
    tone = forms.ChoiceField(
        label=gettext_lazy("Tone"),
        initial="formal",
        choices=[("formal", gettext_lazy("Formal")), ("friendly", gettext_lazy("Friendly"))],
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language when a lead's is not known"), choices=list(LANGUAGE_NAMES.items()), initial="en"
    )
    use_news = forms.BooleanField(label=gettext_lazy("Mention news about the company"), required=False, initial=True)
    woven = forms.CharField(
        label=gettext_lazy("Sentences about a field of the lead"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=4000,
        help_text=gettext_lazy(
            "One a line, in the first mail: “industry: Many {value} work with our machines.” Fields: industry, title, "
            "country, employees, source, language, or “custom” with the name of one of your own."
        ),
    )
    offers = forms.CharField(
        label=gettext_lazy("More sentences about what we offer"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        max_length=8000,
        help_text=gettext_lazy(
            "Besides those of the General page. One a line, used word for word; “Product: sentence” for one product."
        ),
    )
    call_to_action = forms.CharField(
        label=gettext_lazy("Closing question"),
        required=False,
        max_length=300,
        help_text=gettext_lazy("May hold a link. Empty: asks for a call of 15 minutes."),
    )
    disclosures = forms.CharField(
        label=gettext_lazy("Lines that must stand in every mail"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=4000,
        help_text=gettext_lazy("Besides those of the General page. One a line; no mail leaves without."),
    )
    prohibited = forms.CharField(
        label=gettext_lazy("Words that must not be used"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=4000,
        help_text=gettext_lazy("One word or phrase a line. No mail with one of them leaves, whoever approves it."),
    )
    opt_out = forms.CharField(
        label=gettext_lazy("How they end these mails"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("Stands before the link that ends them. Empty: in the reader's language."),
    )
    needs_consent = forms.BooleanField(
        label=gettext_lazy("Write only to leads with a reason noted"),
        required=False,
        initial=True,
        help_text=gettext_lazy("The field “why we may write” of the lead."),
    )
    auto_from = PercentField(
        label=gettext_lazy("Send without a person from (percent sure)"), min_value=50, max_value=100, initial=0.85
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].choices = [(code, LANGUAGE_NAMES[code]) for code in LANGUAGES]

    def clean_waits(self) -> str:
        """Numbers of days."""
        try:
            waits = read_waits(self.cleaned_data["waits"])
        except ValueError:
            raise forms.ValidationError(
                _("Write numbers of days between 1 and 90, such as “3, 5”; at most nine of them.")
            ) from None
        return ", ".join(map(str, waits))

    def clean_woven(self) -> str:
        """A field that there is, and one place for its value."""
        try:
            read_woven(self.cleaned_data["woven"])
        except ValueError as wrong:
            raise forms.ValidationError(
                _("“%(line)s” needs a field, a colon and a sentence with one {value}.") % {"line": str(wrong)[:80]}
            ) from None
        return self.cleaned_data["woven"]

    def clean(self) -> dict[str, Any]:
        """What contradicts itself is an error."""
        cleaned = super().clean() or {}
        begins, ends = cleaned.get("begins"), cleaned.get("ends")
        if begins and ends and begins >= ends:
            self.add_error("ends", _("The hours end before they begin."))
        for name in ("begins", "ends"):
            if cleaned.get(name):
                cleaned[name] = cleaned[name].strftime("%H:%M")
        self._check_words(cleaned)
        return cleaned

    def _check_words(self, cleaned: dict[str, Any]) -> None:
        prohibited = read_lines(cleaned.get("prohibited", ""))
        for name in ("offers", "woven", "disclosures", "call_to_action", "opt_out", "sender"):
            for word in find_prohibited(cleaned.get(name) or "", prohibited):
                self.add_error(name, _("“%(word)s” is among the words that must not be used.") % {"word": word})
        if cleaned.get("mode") == "fixed" and not cleaned.get("template"):
            self.add_error("template", _("Choose the template that is used word for word."))
        if len(read_offers(cleaned.get("offers", ""))) > 40:
            self.add_error("offers", _("At most 40 sentences."))


class EnrolRuleForm(forms.Form):
    """What a rule of outreach does: a matching lead is written to, at the rule's level."""


class RepliesForm(forms.Form):
    """How replies are answered."""

    auto_from = PercentField(
        label=gettext_lazy("Answer a question without a person from (percent sure)"),
        min_value=50,
        max_value=100,
        initial=0.9,
        help_text=gettext_lazy("Only from published external articles. Wishes to be left alone always hold at once."),
    )
    articles = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Articles that answers are taken from"),
        required=False,
        coerce=int,
        help_text=gettext_lazy("None chosen: every published external article."),
    )
    escalation = forms.CharField(
        label=gettext_lazy("Words that bring a person in"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=4000,
        help_text=gettext_lazy("One word or phrase a line. A reply with one is not answered by the agent."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = Article.objects.filter(state=Article.State.PUBLISHED, audience=Article.Audience.EXTERNAL)
        self.fields["articles"].choices = list(rows.order_by("title").values_list("pk", "title")[:500])


class HandOverSettingsForm(forms.Form):
    """Who takes leads, and who watches."""

    sellers = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Sellers"),
        required=False,
        coerce=int,
        choices=lambda: people_choices("sales.work"),
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("In turn; a lead that is one of theirs already stays theirs."),
    )
    team = TeamField(label=gettext_lazy("Or everybody of one team"), empty=gettext_lazy("None"))
    supervisor = PersonField(
        label=gettext_lazy("Supervisor"),
        empty=gettext_lazy("Nobody"),
        help_text=gettext_lazy("Is told about complaints and anger."),
    )
    task_days = forms.IntegerField(
        label=gettext_lazy("The task is due in (days)"), min_value=0, max_value=60, initial=1
    )

    def clean(self) -> dict[str, Any]:
        """Either people or one team."""
        cleaned = super().clean() or {}
        if cleaned.get("sellers") and cleaned.get("team"):
            self.add_error("team", _("Choose sellers or a team, not both."))
        return cleaned


class HandOverForm(forms.Form):
    """Who takes the lead, with which note and task."""

    seller = forms.TypedChoiceField(label=gettext_lazy("Seller"), coerce=int)
    note = forms.CharField(label=gettext_lazy("Note"), widget=forms.Textarea(attrs={"rows": 10}), max_length=20_000)
    task = forms.CharField(label=gettext_lazy("Task"), required=False, max_length=200)
    due_days = forms.IntegerField(label=gettext_lazy("Due in days"), min_value=0, max_value=60)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        loaded = sections.load(handover.SECTION)
        self.fields["seller"].choices = [(person.pk, str(person)) for person in handover.sellers_of(loaded.values)]
