"""The pages of people, roles, teams and tokens in the admin center."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts import people, roles, teams, tokens
from accounts.capacity import capacity_of, count_loads
from accounts.forms import NewPersonForm, NewRoleForm, PersonForm, RoleForm, TeamForm
from accounts.models import ApiToken, Role, Team, User
from accounts.pages import PersonRequest, attempt, needs, people_frame
from accounts.rights import MANAGE_PEOPLE, Refused
from accounts.second_factor import has_second_factor, reset_second_factor
from accounts.signin import may_sign_in
from accounts.work_forms import WorkForm

PER_PAGE = 50


@require_GET
@needs(MANAGE_PEOPLE)
def list_people(request: PersonRequest) -> HttpResponse:
    """Everybody who can sign in, with search and filters in the address."""
    wanted = {name: request.GET.get(name, "").strip() for name in ("q", "role", "team", "state", "presence")}
    page = max(int(request.GET["page"]), 1) if request.GET.get("page", "").isdecimal() else 1
    page = min(page, 10_000)
    found = list(_find_people(wanted)[(page - 1) * PER_PAGE : page * PER_PAGE + 1])
    shown = {
        **people_frame(),
        **wanted,
        "people": _with_work(found[:PER_PAGE]),
        "presences": User.Presence.choices,
        "page": page,
        "has_next": len(found) > PER_PAGE,
        "is_filtered": any(wanted.values()),
        "all_roles": Role.objects.exclude(code=roles.AGENT),
        "all_teams": Team.objects.all(),
    }
    return render(request, "accounts/people.html", shown)


def _with_work(found: list[User]) -> list[tuple[User, int, int]]:
    """Each person with their open cases and how many they take."""
    loads = count_loads([person.pk for person in found])
    return [(person, loads[person.pk], capacity_of(person)) for person in found]


def _find_people(wanted: dict[str, str]) -> QuerySet[User]:
    rows = User.objects.filter(is_agent=False).prefetch_related("roles", "teams", "person_abilities__ability")
    rows = rows.order_by("name", "pk")
    if wanted["q"]:
        text = wanted["q"].replace("\x00", "")
        rows = rows.filter(Q(name__icontains=text) | Q(email__icontains=text))
    if wanted["role"]:
        rows = rows.filter(roles__code=wanted["role"].replace("\x00", ""))
    if wanted["team"]:
        rows = rows.filter(teams=int(wanted["team"])) if wanted["team"].isdecimal() else rows.none()
    if wanted["presence"] in User.Presence.values:
        rows = rows.filter(presence=wanted["presence"], is_active=True)
    if wanted["state"] in {"active", "off"}:
        rows = rows.filter(is_active=wanted["state"] == "active")
    return rows


@never_cache
@needs(MANAGE_PEOPLE)
def add_person(request: PersonRequest) -> HttpResponse:
    """Add a person; without a first password the next page shows a link to hand over."""
    form = NewPersonForm(request.POST or None)
    if request.method == "POST":
        person = attempt(form, lambda: people.create_person(by=request.user, **_wishes(form)))
        if person:
            messages.success(request, _("%(name)s was added") % {"name": person.name})
            if form.cleaned_data["password"]:
                return redirect("accounts:person", person.pk)
            return show_person(
                request, PersonForm(person=person), person, link=people.invite_person(person, by=request.user)
            )
    status = 422 if form.is_bound else 200
    return render(request, "accounts/add_person.html", {**people_frame(), "form": form}, status=status)


def _wishes(form: PersonForm) -> dict[str, Any]:
    said = dict(form.cleaned_data)
    if "password" in said:
        said["password"] = said["password"] or None
    return said


@never_cache
@needs(MANAGE_PEOPLE)
def edit_person(request: PersonRequest, pk: int) -> HttpResponse:
    """A person's name, address, roles, teams, lines, and whether they may sign in."""
    person = get_object_or_404(User, pk=pk, is_agent=False)
    form = PersonForm(request.POST if request.method == "POST" else None, person=person)
    if request.method == "POST" and attempt(
        form, lambda: people.change_person(person, by=request.user, **_wishes(form))
    ):
        messages.success(request, _("%(name)s was saved\nIn force from their next page") % {"name": person.name})
        return redirect("accounts:person", person.pk)
    return show_person(request, form, person)


def show_person(
    request: PersonRequest,
    form: PersonForm,
    person: User,
    link: str = "",
    work_form: WorkForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page of one person, with the form that was wrong in place of a fresh one."""
    shown = {
        **people_frame(),
        "form": form,
        "work_form": work_form or WorkForm(person=person),
        "load": count_loads([person.pk])[person.pk],
        "capacity": capacity_of(person),
        "person": person,
        "link": link,
        "is_self": person.pk == request.user.pk,
        "may_sign_in": may_sign_in(person),
        "has_factor": has_second_factor(person),
        "tokens": person.tokens.filter(revoked_at=None),
    }
    status = 422 if form.is_bound and form.errors else status
    return render(request, "accounts/person.html", shown, status=status)


@never_cache
@require_POST
@needs(MANAGE_PEOPLE)
def make_link(request: PersonRequest, pk: int) -> HttpResponse:
    """Show a link with which the person sets a password; older links stop working when it is used."""
    person = get_object_or_404(User, pk=pk, is_agent=False)
    try:
        link = people.invite_person(person, by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("accounts:person", person.pk)
    return show_person(request, PersonForm(person=person), person, link=link)


@require_POST
@needs(MANAGE_PEOPLE)
def reset_factor(request: PersonRequest, pk: int) -> HttpResponse:
    """Take the second factor from somebody who lost it."""
    person = get_object_or_404(User, pk=pk, is_agent=False)
    if person.pk == request.user.pk:
        messages.error(request, _("Another administrator can take your second factor away."))
    elif reset_second_factor(person, by=request.user):
        messages.success(request, _("The second factor was taken away\nTheir sessions and tokens have ended"))
    return redirect("accounts:person", person.pk)


@needs(MANAGE_PEOPLE)
def list_roles(request: PersonRequest) -> HttpResponse:
    """The roles with what they show and who holds them; a form adds one."""
    form = NewRoleForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        role = attempt(form, lambda: roles.create_role(by=request.user, name=form.cleaned_data["name"]))
        if role:
            return redirect("accounts:role", role.code)
    rows = Role.objects.annotate(holders=Count("users", filter=Q(users__is_agent=False))).order_by("name")
    shown = {**people_frame(), "roles": rows, "form": form, "agent_code": roles.AGENT}
    return render(request, "accounts/roles.html", shown, status=422 if form.is_bound else 200)


@needs(MANAGE_PEOPLE)
def edit_role(request: PersonRequest, code: str) -> HttpResponse:
    """What a role allows, which records it shows, and which fields it keeps away."""
    role = get_object_or_404(Role, code=code)
    why_fixed = roles.why_fixed(role, request.user)
    form = RoleForm(request.POST if request.method == "POST" else None, role=role, is_fixed=bool(why_fixed))
    if request.method == "POST" and attempt(form, lambda: roles.change_role(role, by=request.user, **form.wishes())):
        messages.success(request, _("The role was saved\nIn force from everybody's next page"))
        return redirect("accounts:role", role.code)
    shown = {
        **people_frame(),
        "form": form,
        "role": role,
        "why_fixed": why_fixed,
        "holders": role.users.filter(is_agent=False, is_active=True)[:20],
        "roles_url": reverse("accounts:roles"),
        "is_built_in": role.code in roles.BUILT_IN,
    }
    return render(request, "accounts/role.html", shown, status=422 if form.is_bound else 200)


@require_POST
@needs(MANAGE_PEOPLE)
def remove_role(request: PersonRequest, code: str) -> HttpResponse:
    """Delete a role that nobody holds."""
    role = get_object_or_404(Role, code=code)
    try:
        roles.delete_role(role, by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("accounts:role", role.code)
    messages.success(request, _("The role %(name)s was deleted") % {"name": role.name})
    return redirect("accounts:roles")


@require_GET
@needs(MANAGE_PEOPLE)
def list_teams(request: PersonRequest) -> HttpResponse:
    """The teams and their members."""
    rows = Team.objects.select_related("line_of_business").prefetch_related("members")
    return render(request, "accounts/teams.html", {**people_frame(), "teams": rows})


@needs(MANAGE_PEOPLE)
def edit_team(request: PersonRequest, pk: int | None = None) -> HttpResponse:
    """Add a team, or change one."""
    team = get_object_or_404(Team, pk=pk) if pk else None
    form = TeamForm(request.POST if request.method == "POST" else None, team=team)
    if request.method == "POST":
        saved = attempt(form, lambda: teams.save_team(team, by=request.user, **form.cleaned_data))
        if saved:
            messages.success(request, _("The team %(name)s was saved") % {"name": saved.name})
            return redirect("accounts:teams")
    shown = {**people_frame(), "form": form, "team": team}
    return render(request, "accounts/team.html", shown, status=422 if form.is_bound else 200)


@require_POST
@needs(MANAGE_PEOPLE)
def remove_team(request: PersonRequest, pk: int) -> HttpResponse:
    """Delete a team; its queues stay."""
    team = get_object_or_404(Team, pk=pk)
    teams.delete_team(team, by=request.user)
    messages.success(request, _("The team %(name)s was deleted") % {"name": team.name})
    return redirect("accounts:teams")


@require_GET
@needs(MANAGE_PEOPLE)
def list_tokens(request: PersonRequest) -> HttpResponse:
    """Every token that still opens something, of everybody."""
    living = ApiToken.objects.filter(revoked_at=None).select_related("user").order_by("expires_at", "pk")[:500]
    return render(request, "accounts/tokens.html", {**people_frame(), "tokens": living})


@require_POST
@needs(MANAGE_PEOPLE)
def revoke(request: PersonRequest, pk: int) -> HttpResponse:
    """End a token of anybody."""
    token = ApiToken.objects.filter(pk=pk).first()
    if token is None:
        raise Http404
    tokens.revoke_token(token, by=request.user)
    messages.success(request, _("The token %(name)s was revoked\nIt opens nothing from now on") % {"name": token.name})
    return redirect("accounts:tokens")
