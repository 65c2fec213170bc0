"""Forms in our look: `{{ form }}` and `{% field form.name %}` render label, hint and error joined for everybody."""

from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.forms.renderers import TemplatesSetting
from django.utils.safestring import SafeString

CLASSES: tuple[tuple[type[forms.Widget], str], ...] = (
    (forms.HiddenInput, ""),
    (forms.CheckboxInput, ""),
    (forms.RadioSelect, ""),
    (forms.CheckboxSelectMultiple, ""),
    (forms.NumberInput, "input input--number"),
    (forms.Select, "select"),
    (forms.Textarea, "textarea"),
    (forms.Widget, "input"),
)


class PageBoundField(BoundField):
    """A bound field whose control carries our class and names its hint and error."""

    def build_widget_attrs(self, attrs: dict[str, Any], widget: forms.Widget | None = None) -> dict[str, Any]:
        """Django's attributes and the component class of the control."""
        widget = widget or self.field.widget
        built = super().build_widget_attrs(attrs, widget)
        look = next(css for kind, css in CLASSES if isinstance(widget, kind))
        given = built.get("class") or widget.attrs.get("class", "")
        if both := f"{look} {given}".strip():
            built["class"] = both
        if self.is_choice_list:
            built.pop("aria-invalid", None)  # not allowed on a single box or radio; the group names the error
        return built

    @property
    def is_choice_list(self) -> bool:
        """Whether it is drawn as a list of boxes or radios under one legend."""
        return isinstance(self.field.widget, forms.RadioSelect | forms.CheckboxSelectMultiple)

    @property
    def is_check(self) -> bool:
        """Whether it is one box with a sentence."""
        return isinstance(self.field.widget, forms.CheckboxInput)

    def as_switch(self) -> SafeString:
        """The box as a switch, whose state is said in words beside it."""
        return self.as_widget(attrs={"role": "switch"})


class PageFormRenderer(TemplatesSetting):
    """The FORM_RENDERER of the site."""

    form_template_name = "components/form.html"
    field_template_name = "components/field.html"
    bound_field_class = PageBoundField
