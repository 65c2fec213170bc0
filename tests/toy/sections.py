"""A Manage page for the toy."""

from django import forms
from django.utils import timezone

from agents.sections import Agent, Claim, Prerequisite, Section, Trial, first_match, register_agent, section
from tests.toy.models import Tag, Thing

register_agent(Agent("toy", "Toy Agent", "Paints things", "blocks", order=900))


class PaintForm(forms.Form):
    """The settings."""

    colour = forms.ChoiceField(label="Colour", choices=Thing.Colour.choices, help_text="What things are painted with.")
    coats = forms.IntegerField(label="Coats", min_value=1, max_value=9)
    tags = forms.ModelMultipleChoiceField(label="Only with tags", queryset=Tag.objects.all(), required=False)
    is_thorough = forms.BooleanField(label="Wash first", required=False)


class PaintOutcome(forms.Form):
    """What a rule does."""

    colour = forms.ChoiceField(label="Paint it", choices=Thing.Colour.choices)


@section
class ToySection(Section):
    """Paints things."""

    name = "toy.section"
    agent = "toy"
    title = "Painting"
    lead = "Paints what the first matching rule says."
    icon = "paintbrush"
    form_class = PaintForm
    form_title = "How things are painted"
    defaults = {"colour": "red", "coats": 1}
    consequences = {"auto": "Paints by itself.", "ask": "A person confirms each coat."}
    kinds = ("toy.send_note", "toy.fill")
    rule_form = PaintOutcome
    model = Thing
    subjects = "things"
    can_try = True

    def prerequisites(self) -> list[Prerequisite]:
        """A brush, always; a tag, when there is one."""
        state = Prerequisite.READY if Tag.objects.exists() else Prerequisite.INCOMPLETE
        return [
            Prerequisite("Brush", Prerequisite.READY),
            Prerequisite("Tag", state, "/things/tags/", "None yet"),
        ]

    def check(self, values, level, is_on):
        """Nine coats are never automatic."""
        return {"coats": ["Nine coats need a person."]} if values.get("coats") == 9 and level == "auto" else {}

    def describe_outcome(self, outcome):
        """The colour in words."""
        return f"Paints it {outcome.get('colour', '')}"

    def try_choices(self, user):
        """Every thing."""
        return [(str(thing.pk), str(thing)) for thing in Thing.objects.all()[:20]]

    def try_it(self, given, loaded, *, user):
        """The colour a thing would get."""
        thing = Thing.objects.filter(pk=given).first() if given.isdecimal() else Thing(title=given)
        rule, why = first_match(loaded.rules, thing, timezone.now())
        colour = rule.outcome["colour"] if rule else loaded.values["colour"]
        return Trial([Claim("Colour", colour, "Would be painted", "yes", 0.9)], rule=why)
