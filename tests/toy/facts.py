"""What conditions may look at on a thing."""

from django.contrib.auth import get_user_model
from django.db.models import F
from django.db.models.functions import Length

from agents.facts import Fact, Type, register
from agents.models import LineOfBusiness
from tests.toy.models import Tag, Thing

register(
    Fact(name="title", label="Title", type=Type.TEXT, model=Thing, path="title"),
    Fact(name="note", label="Note", type=Type.TEXT, model=Thing, path="note"),
    Fact(name="parent_title", label="Title of its parent", type=Type.TEXT, model=Thing, path="parent__title"),
    Fact(name="colour", label="Colour", type=Type.CHOICE, model=Thing, path="colour", choices=Thing.Colour.choices),
    Fact(
        name="line",
        label="Line of business",
        type=Type.CHOICE,
        model=Thing,
        path="line_of_business_id",
        choices=lambda: list(LineOfBusiness.objects.values_list("pk", "name")),
    ),
    Fact(name="size", label="Size", type=Type.NUMBER, model=Thing, path="size"),
    Fact(name="weight", label="Weight", type=Type.NUMBER, model=Thing, path="weight"),
    Fact(name="ratio", label="Ratio", type=Type.NUMBER, model=Thing, path="ratio"),
    Fact(
        name="title_length",
        label="Length of the title",
        type=Type.NUMBER,
        model=Thing,
        compute=lambda thing, now: len(thing.title),
        expression=lambda now: Length(F("title")),
    ),
    Fact(name="active", label="Active", type=Type.BOOLEAN, model=Thing, path="is_active"),
    Fact(name="seen", label="Seen", type=Type.TIME, model=Thing, path="seen_at"),
    Fact(name="age", label="Age", type=Type.DURATION, model=Thing, path="seen_at"),
    Fact(name="took", label="Took", type=Type.DURATION, model=Thing, path="took"),
    Fact(
        name="owner",
        label="Owner",
        type=Type.USER,
        model=Thing,
        path="owner_id",
        choices=lambda: list(get_user_model().objects.values_list("pk", "name")),
    ),
    Fact(
        name="tags",
        label="Tags",
        type=Type.SET,
        model=Thing,
        path="tags",
        choices=lambda: list(Tag.objects.values_list("pk", "name")),
    ),
    Fact(name="parent_tags", label="Tags of its parent", type=Type.SET, model=Thing, path="parent__tags"),
)
