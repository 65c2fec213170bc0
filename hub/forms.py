"""The forms of the first run."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from agents.models.levels import Level
from agents.sections import SECTIONS
from conversations.forms import MailboxForm
from conversations.models import Mailbox

HISTORY_DAYS = [(7, _("A week")), (30, _("A month")), (90, _("Three months")), (365, _("A year"))]


class FirstAdministratorForm(forms.Form):
    """The first person of an installation; the code proves that they can read its terminal."""

    code = forms.CharField(
        label=_("Code from the terminal"),
        max_length=40,
        help_text=_("Deskhand prints it when it starts, until there is an administrator."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "numeric"}),
    )
    name = forms.CharField(label=_("Your name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    email = forms.EmailField(
        label=_("E-mail address"),
        help_text=_("You sign in with it."),
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        help_text=_("At least ten characters."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, Any]:
        """The password held to the rules of every other."""
        said = super().clean() or self.cleaned_data
        if password := said.get("password"):
            try:
                validate_password(password, User(name=said.get("name", ""), email=said.get("email", "")))
            except forms.ValidationError as error:
                self.add_error("password", error)
        return said


class FirstMailboxForm(MailboxForm):
    """The mailbox form with what the first run needs; the rest is on the mailbox's own page."""

    only_files = forms.BooleanField(
        label=_("Only try it with files from this mailbox"),
        required=False,
        help_text=_("No server is needed then. It can be connected later."),
    )

    class Meta(MailboxForm.Meta):
        fields = [
            "name", "address",
            "imap_host", "imap_port", "imap_security", "imap_username", "imap_password",
            "smtp_host", "smtp_port", "smtp_security", "smtp_username", "smtp_password",
        ]  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """Without a server only where files are all that is wanted."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("only_files") and "imap_host" in self.errors and not cleaned.get("imap_host"):
            del self.errors["imap_host"]
            cleaned["imap_host"] = ""
        return cleaned


class HistoryForm(forms.Form):
    """How much of the mail on the server is read."""

    days = forms.TypedChoiceField(
        label=_("Read back"), choices=HISTORY_DAYS, coerce=int, initial=30, widget=forms.RadioSelect
    )


class UploadForm(forms.Form):
    """An archive of old mail."""

    mailbox = forms.ModelChoiceField(
        Mailbox.objects.all(),
        label=_("Whose mail it is"),
        empty_label=None,
        help_text=_("Mail from this address is taken as your answers."),
    )
    archive = forms.FileField(
        label=_("File"),
        help_text=_("An mbox, an .eml, or a zip of them."),
        widget=forms.FileInput(attrs={"accept": ".mbox,.mbx,.eml,.zip,application/zip,message/rfc822"}),
    )


class LevelsForm(forms.Form):
    """Observe only or human confirmation, for what the agent does with cases."""

    creates = forms.BooleanField(
        label=_("Open a case for each new mail"),
        required=False,
        initial=True,
        help_text=_("Off: mail is read and kept, and no case is opened."),
    )
    fields_level = forms.ChoiceField(label=_("Who decides about values"), widget=forms.RadioSelect)
    replies_level = forms.ChoiceField(label=_("Who decides about answers"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field, section in (("fields_level", "cases.fields"), ("replies_level", "cases.resolution")):
            words = SECTIONS[section].consequences
            choices = [(level.value, words.get(level, level.label)) for level in (Level.OBSERVE, Level.ASK)]
            self.fields[field].choices = choices  # type: ignore[attr-defined]
