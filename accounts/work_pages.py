"""The pages of presence, capacity and skills."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts import capacity, views
from accounts.forms import PersonForm
from accounts.models import Ability, User
from accounts.pages import PersonRequest, attempt, needs, people_frame
from accounts.presence import set_presence
from accounts.rights import MANAGE_PEOPLE, Refused
from accounts.work_forms import AbilityForm, WorkForm


@require_POST
@login_required
def say_presence(request: PersonRequest) -> HttpResponse:
    """Say whether one is there; htmx gets the control anew, so that what is being typed stays."""
    try:
        request.user = set_presence(request.user, request.POST.get("presence", ""), by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "shell/presence.html")
    back = request.POST.get("back", "")
    is_ours = back.startswith("/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    return redirect(back if is_ours else "accounts:profile")


@never_cache
@require_POST
@needs(MANAGE_PEOPLE)
def change_work(request: PersonRequest, pk: int) -> HttpResponse:
    """What somebody takes on: presence, capacity, skills."""
    person = get_object_or_404(User, pk=pk, is_agent=False)
    form = WorkForm(request.POST, person=person)
    if attempt(form, lambda: _save_work(request, person, form)):
        messages.success(request, _("What %(name)s takes on was saved") % {"name": person.name})
        return redirect("accounts:person", person.pk)
    return views.show_person(request, PersonForm(person=person), person, work_form=form, status=422)


def _save_work(request: PersonRequest, person: User, form: WorkForm) -> User:
    said = form.cleaned_data
    if said["presence"] != person.presence:
        set_presence(person, said["presence"], by=request.user)
    return capacity.change_work(person, by=request.user, capacity=said["capacity"], abilities=form.abilities())


@never_cache
@needs(MANAGE_PEOPLE)
def list_abilities(request: PersonRequest) -> HttpResponse:
    """The catalogue of skills with who has them; a form adds one."""
    form = AbilityForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        made = attempt(form, lambda: capacity.save_ability(None, name=form.cleaned_data["name"], by=request.user))
        if made:
            messages.success(request, _("The skill %(name)s was added") % {"name": made.name})
            return redirect("accounts:abilities")
    rows = Ability.objects.annotate(people_count=Count("holders"))
    shown = {**people_frame(), "abilities": rows, "form": form}
    return render(request, "accounts/abilities.html", shown, status=422 if form.is_bound else 200)


@never_cache
@needs(MANAGE_PEOPLE)
def edit_ability(request: PersonRequest, pk: int) -> HttpResponse:
    """Give a skill another name, and see who has it."""
    ability = get_object_or_404(Ability, pk=pk)
    form = AbilityForm(request.POST if request.method == "POST" else None, initial={"name": ability.name})
    if request.method == "POST" and attempt(
        form, lambda: capacity.save_ability(ability, name=form.cleaned_data["name"], by=request.user)
    ):
        messages.success(request, _("The skill was saved"))
        return redirect("accounts:abilities")
    holders = ability.holders.select_related("person").order_by("-level", "person__name")
    shown = {**people_frame(), "ability": ability, "holders": holders, "form": form}
    return render(request, "accounts/ability.html", shown, status=422 if form.is_bound else 200)


@require_POST
@needs(MANAGE_PEOPLE)
def remove_ability(request: PersonRequest, pk: int) -> HttpResponse:
    """Delete a skill."""
    ability = get_object_or_404(Ability, pk=pk)
    capacity.delete_ability(ability, by=request.user)
    messages.success(request, _("The skill %(name)s was deleted") % {"name": ability.name})
    return redirect("accounts:abilities")
