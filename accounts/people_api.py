"""The API's view of people at work: presence, capacity, skills."""

from typing import Any, cast

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.capacity import MOST_CAPACITY, capacity_of, change_work, count_loads, save_ability
from accounts.models import Ability, PersonAbility, Team, User
from accounts.presence import SAY_FOR_OTHERS, set_presence
from accounts.rights import MANAGE_PEOPLE, Refused
from agents.rest import Body, Named, Query, Resource


class HeldSerializer(serializers.ModelSerializer):
    """A skill of somebody."""

    id = serializers.IntegerField(source="ability_id", read_only=True)
    name = serializers.CharField(source="ability.name", read_only=True)
    level = serializers.IntegerField(read_only=True, help_text="1 basic, 2 good, 3 expert.")

    class Meta:
        model = PersonAbility
        fields = ["id", "name", "level"]


class PersonSerializer(serializers.ModelSerializer):
    """Somebody at work."""

    teams = Named(many=True, read_only=True)
    skills = HeldSerializer(source="person_abilities", many=True, read_only=True)
    capacity = serializers.SerializerMethodField(help_text="How many open cases they take at most.")
    open_cases = serializers.SerializerMethodField(help_text="How many they have.")

    class Meta:
        model = User
        fields = ["id", "name", "email", "presence", "presence_since", "capacity", "open_cases", "teams", "skills"]
        read_only_fields = fields

    def get_capacity(self, person: User) -> int:
        """As said for them, else for their roles."""
        return capacity_of(person)

    def get_open_cases(self, person: User) -> int:
        """Counted for everybody of an answer at once."""
        kept: Any = self.context
        if "loads" not in kept:
            shown: Any = self.parent.instance if self.parent is not None else [person]
            kept["loads"] = count_loads([each.pk for each in shown])
        return kept["loads"].get(person.pk, 0)


class PeopleQuery(Query):
    """Whom to list."""

    presence = serializers.ChoiceField(choices=User.Presence.choices, required=False)
    team = serializers.PrimaryKeyRelatedField(queryset=Team.objects.all(), required=False)


class HeldBody(Body):
    """A skill and how well somebody has it."""

    id = serializers.PrimaryKeyRelatedField(queryset=Ability.objects.all())
    level = serializers.IntegerField(
        min_value=1, max_value=3, default=PersonAbility.Level.GOOD, help_text="1 basic, 2 good, 3 expert."
    )


class PersonBody(Body):
    """What changes; what is left out stays."""

    presence = serializers.ChoiceField(choices=User.Presence.choices, required=False)
    capacity = serializers.IntegerField(min_value=0, max_value=MOST_CAPACITY, required=False, allow_null=True)
    skills = HeldBody(many=True, required=False, help_text="All of them: what is left out is taken away.")


@extend_schema_view(list=extend_schema(summary="List people at work", parameters=[PeopleQuery]))
class People(Resource):
    """Who is there, how much they take, what they can do. Without a right over others: yourself alone."""

    queryset = User.objects.none()
    serializer_class = PersonSerializer
    query = PeopleQuery
    scopes = {"read": "people:read", "write": "people:write"}
    ordering = ("id",)
    lookup_value_regex = "[0-9]{1,18}|me"

    def get_queryset(self) -> QuerySet[Any]:
        """Everybody for who looks after others, else oneself."""
        user: Any = self.request.user
        rows = User.objects.filter(is_agent=False, is_active=True)
        rows = rows.prefetch_related("roles", "teams", "person_abilities__ability")
        sees_all = any(user.has_perm(code) for code in SAY_FOR_OTHERS)
        return rows if sees_all else rows.filter(pk=user.pk)

    def get_object(self) -> Any:
        """``me`` is whoever asks."""
        if self.kwargs["pk"] == "me":
            self.kwargs["pk"] = str(self.request.user.pk)
        return super().get_object()

    def list(self, request: Request) -> Response:
        """People who may sign in."""
        asked, rows = self.read_query(), self.get_queryset()
        if "presence" in asked:
            rows = rows.filter(presence=asked["presence"])
        return self.answer_page(rows.filter(teams=asked["team"]) if "team" in asked else rows)

    @extend_schema(summary="One person at work")
    def retrieve(self, request: Request, pk: str) -> Response:
        """By id; `me` is yourself."""
        return self.answer(self.get_object())

    @extend_schema(
        summary="Say who is there and what they take on",
        request=PersonBody,
        examples=[OpenApiExample("Back from lunch", value={"presence": "available"}, request_only=True)],
    )
    def partial_update(self, request: Request, pk: str) -> Response:
        """Presence is one's own to say; capacity and skills are for who manages people."""
        person, given, user = self.get_object(), self.read_body(PersonBody), cast(User, request.user)
        if {"capacity", "skills"} & set(given) and not user.has_perm(MANAGE_PEOPLE):
            raise PermissionDenied
        try:
            if "presence" in given:
                set_presence(person, given["presence"], by=user)
            if {"capacity", "skills"} & set(given):
                wanted = {each["id"].pk: each["level"] for each in given.pop("skills")} if "skills" in given else None
                more = {"capacity": given["capacity"]} if "capacity" in given else {}
                change_work(person, by=user, abilities=wanted, **more)
        except Refused as refusal:
            raise ValidationError({"detail": [str(refusal)]})
        return self.answer(self.get_queryset().get(pk=person.pk))


class AbilitySerializer(serializers.ModelSerializer):
    """A skill of the catalogue."""

    class Meta:
        model = Ability
        fields = ["id", "name"]
        read_only_fields = fields


class AbilityBody(Body):
    """A skill."""

    name = serializers.CharField(max_length=80)


@extend_schema_view(list=extend_schema(summary="List skills"), retrieve=extend_schema(summary="One skill"))
class Abilities(Resource):
    """The catalogue of skills."""

    queryset = Ability.objects.all()
    serializer_class = AbilitySerializer
    scopes = {"read": "people:read", "write": "people:write"}
    ordering = ("id",)
    lookup_value_regex = "[0-9]{1,18}"

    def list(self, request: Request) -> Response:
        """Every skill."""
        self.read_query()
        return self.answer_page(self.get_queryset())

    def retrieve(self, request: Request, pk: str) -> Response:
        """One skill."""
        return self.answer(self.get_object())

    @extend_schema(summary="Add a skill", request=AbilityBody, responses={201: AbilitySerializer})
    def create(self, request: Request) -> Response:
        """Needs the right to manage people."""
        if not request.user.has_perm(MANAGE_PEOPLE):
            raise PermissionDenied
        name = self.read_body(AbilityBody)["name"]
        try:
            made = save_ability(None, name=name, by=request.user)  # type: ignore[arg-type]
        except Refused as refusal:
            raise ValidationError({"name": [str(refusal)]})
        return self.answer(made, status=201)
