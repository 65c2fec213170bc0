"""The forms of mailboxes and message templates."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from conversations.mailboxes import assign
from conversations.models import Mailbox, MessageTemplate
from conversations.placeholders import check_template

_KEPT = _("Leave empty to keep the stored one. It is never shown.")


class MailboxForm(forms.ModelForm):
    """Where mail comes in and goes out; stored passwords are kept when their fields stay empty."""

    expected = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Mailbox
        fields = [
            "name", "address", "purpose", "line_of_business", "queue", "signature", "uses_plus_address",
            "imap_host", "imap_port", "imap_security", "imap_username", "imap_password", "imap_folder", "sent_folder",
            "history_before", "history_days", "marks_seen", "webhook", "webhook_secret",
            "smtp_host", "smtp_port", "smtp_security", "smtp_username", "smtp_password",
        ]  # fmt: skip
        widgets = {
            "signature": forms.Textarea(attrs={"rows": 4}),
            "imap_password": forms.PasswordInput(attrs={"autocomplete": "new-password"}),
            "smtp_password": forms.PasswordInput(attrs={"autocomplete": "new-password"}),
            "webhook_secret": forms.PasswordInput(attrs={"autocomplete": "new-password"}),
            "history_before": forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        }
        help_texts = {
            "name": _("Customers see it as the sender."),
            "address": _("Answers are sent from it."),
            "line_of_business": _("Everything that comes in here belongs to it."),
            "queue": _("Where new conversations wait."),
            "signature": _("Stands below every mail from here."),
            "uses_plus_address": _(
                "support+code@example.com finds its thread by itself. Needs a server that delivers plus addresses."
            ),
            "imap_host": _("Empty: no mail is read here."),
            "imap_username": _("Empty: the address."),
            "webhook": _("Nobody: mail is not taken by HTTP."),
            "webhook_secret": _("Mailgun: the signing key. Others: the password of the user deskhand."),
            "smtp_host": _("Empty: nothing can be sent from here."),
            "smtp_username": _("Empty: the address, when there is a password."),
            "sent_folder": _(
                "What people send from another program is read from it, and looked for when a send is uncertain."
            ),
            "history_before": _(
                "Mail that reached the server before this moment is history: learned from, never answered."
            ),
            "history_days": _("How far back a folder is read at first."),
            "marks_seen": _("Off: other programs see no trace of ours."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("imap_password", "smtp_password", "webhook_secret"):
            if name in self.fields and getattr(self.instance, name):
                self.fields[name].help_text = _KEPT
        self.fields["expected"].initial = self.instance.version if self.instance.pk else 0

    def clean_address(self) -> str:
        """Addresses are compared in lower case."""
        return self.cleaned_data["address"].lower()

    def clean(self) -> dict[str, Any]:
        """A mailbox that neither reads nor sends is no mailbox."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("webhook") and not cleaned.get("webhook_secret") and not self.instance.webhook_secret:
            self.add_error("webhook_secret", _("Without a secret anybody could hand mail in. Enter a long one."))
        if not any(cleaned.get(name) for name in ("imap_host", "smtp_host", "webhook")):
            self.add_error("imap_host", _("Name a server to read from, or one to send by."))
        return cleaned

    def as_mailbox(self) -> Mailbox:
        """The mailbox as the form would save it, passwords sealed or kept, for a connection test. Stores nothing."""
        mailbox = Mailbox.objects.get(pk=self.instance.pk) if self.instance.pk else Mailbox()
        assign(mailbox, self.cleaned_data)
        return mailbox


class TemplateForm(forms.ModelForm):
    """A message template; its placeholders are checked before it is saved."""

    expected = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = MessageTemplate
        fields = ["name", "purpose", "language", "lines_of_business", "is_active", "subject", "body"]
        widgets = {
            "body": forms.Textarea(attrs={"rows": 14}),
            "purpose": forms.Select(
                choices=[
                    ("reply", _("Reply")),
                    ("acknowledgement", _("Acknowledgement")),
                    ("follow_up", _("Follow-up")),
                    ("outreach", _("Outreach")),
                ]
            ),
            "lines_of_business": forms.CheckboxSelectMultiple,
        }
        help_texts = {
            "lines_of_business": _("None: for all of them."),
            "subject": _("Empty: the subject of the conversation."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["expected"].initial = self.instance.version if self.instance.pk else 0

    def clean_subject(self) -> str:
        """The subject, when its placeholders are known."""
        return self._checked("subject")

    def clean_body(self) -> str:
        """The body, when its placeholders are known."""
        return self._checked("body")

    def _checked(self, name: str) -> str:
        value = self.cleaned_data[name]
        if wrong := check_template(value):
            raise forms.ValidationError(wrong)
        return value
