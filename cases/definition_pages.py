"""The pages of fields and their values in the admin center."""

import re
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.pages import needs
from cases import definitions
from cases.models import FieldDefinition, FieldOption

MANAGE = "agents.manage"


class DefinitionForm(forms.ModelForm):
    """A custom field. Name and type are chosen once."""

    class Meta:
        model = FieldDefinition
        fields = ["name", "label", "type", "description", "pattern", "order", "is_active"]
        help_texts = {
            "name": gettext_lazy("Programs know the field by it. It stays as it is."),
            "description": gettext_lazy("One or two sentences that tell the field apart; agents read them."),
            "pattern": gettext_lazy("A regular expression that its values match, such as HR-\\d{6}."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            for name in ("name", "type"):
                self.fields[name].disabled = True

    def clean_pattern(self) -> str:
        """A pattern that can be used."""
        try:
            re.compile(self.cleaned_data["pattern"])
        except re.error:
            raise ValidationError(_("This is not a regular expression.")) from None
        return self.cleaned_data["pattern"]


class OptionForm(forms.ModelForm):
    """One value of a choice field."""

    class Meta:
        model = FieldOption
        fields = ["value", "label", "description", "order", "is_active"]
        help_texts = {
            "value": gettext_lazy("What is kept on cases. It stays as it is."),
            "description": gettext_lazy("Use when …; not for …. Agents choose by these words."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["value"].disabled = bool(self.instance.pk)


def _crumbs() -> list[tuple[str, str]]:
    return [(_("Admin center"), "/manage/"), (_("Fields of cases"), reverse("cases:definitions"))]


@require_GET
@needs(MANAGE)
def list_definitions(request: HttpRequest) -> HttpResponse:
    """Custom fields, and the values of every choice field."""
    options: dict[str, list[FieldOption]] = {}
    for option in FieldOption.objects.all():
        options.setdefault(option.field, []).append(option)
    choices = [(name, label, options.get(name, [])) for name, label in definitions.choice_fields().items()]
    shown = {"crumbs": _crumbs()[:1], "definitions": FieldDefinition.objects.all(), "choices": choices}
    return render(request, "cases/definitions.html", shown)


@never_cache
@needs(MANAGE)
def edit_definition(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Add a custom field, or change one."""
    definition = get_object_or_404(FieldDefinition, pk=pk) if pk else None
    form = DefinitionForm(request.POST if request.method == "POST" else None, instance=definition)
    if request.method == "POST" and form.is_valid():
        saved = _attempt(
            form, lambda: definitions.save_definition(_fresh(definition), by=request.user, **form.cleaned_data)
        )
        if saved:
            messages.success(request, _("The field %(name)s was saved") % {"name": saved})
            return redirect("cases:definitions")
    shown = {"crumbs": _crumbs(), "form": form, "row": definition, "title": _("Add a field")}
    return render(request, "cases/definition.html", shown, status=422 if form.is_bound else 200)


@never_cache
@needs(MANAGE)
def edit_option(request: HttpRequest, field: str, pk: int | None = None) -> HttpResponse:
    """Add a value to a choice field, or change one."""
    label = definitions.choice_fields().get(field)
    if label is None:
        raise Http404
    option = get_object_or_404(FieldOption, pk=pk, field=field) if pk else None
    form = OptionForm(request.POST if request.method == "POST" else None, instance=option)
    if request.method == "POST" and form.is_valid():
        saved = _attempt(
            form, lambda: definitions.save_option(field, _fresh(option), by=request.user, **form.cleaned_data)
        )
        if saved:
            messages.success(request, _("The value %(name)s was saved") % {"name": saved})
            return redirect("cases:definitions")
    title = _("Add a value: %(field)s") % {"field": label}
    shown = {"crumbs": _crumbs(), "form": form, "row": option, "title": title}
    return render(request, "cases/definition.html", shown, status=422 if form.is_bound else 200)


def _fresh(row: Any) -> Any:
    """The row as it is stored: a model form has already written into the one it was given."""
    return type(row).objects.get(pk=row.pk) if row else None


def _attempt(form: forms.ModelForm, act: Any) -> Any:
    try:
        return act()
    except definitions.Refused as refusal:
        form.add_error(None, str(refusal))
        return None
