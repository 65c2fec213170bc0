"""One's own page: name, time zone, how pages behave, sessions, tokens."""

from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts import people, tokens
from accounts.capacity import capacity_of, count_loads
from accounts.forms import ProfileForm, TokenForm
from accounts.models import ApiToken
from accounts.notifications import KINDS, MUTED
from accounts.pages import PersonRequest, attempt

# The first that is found names it: Edge and Opera also call themselves Chrome, and Chrome calls itself Safari.
BROWSERS = {"Edg/": "Edge", "OPR/": "Opera", "Firefox/": "Firefox", "Chrome/": "Chrome", "Safari/": "Safari"}
SYSTEMS = {
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows",
    "Mac OS X": "macOS",
    "Linux": "Linux",
}


def say_device(user_agent: str) -> str:
    """A browser's own words in the words of people: "Firefox on Windows"; as they are when nothing is known of them."""
    browser = next((name for mark, name in BROWSERS.items() if mark in user_agent), "")
    system = next((name for mark, name in SYSTEMS.items() if mark in user_agent), "")
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or user_agent[:60] or _("Unknown browser")


@never_cache
@login_required
def show_profile(request: PersonRequest) -> HttpResponse:
    """One's own page; saving the first card posts here."""
    form = ProfileForm(request.POST if request.method == "POST" else None, person=request.user)
    if request.method == "POST" and attempt(form, lambda: _save(request, form)):
        messages.success(request, _("Your profile was saved"))
        return redirect("accounts:profile")
    return _show(request, form=form, status=422 if form.is_bound else 200)


def _save(request: PersonRequest, form: ProfileForm) -> Any:
    said = form.cleaned_data
    muted = sorted(KINDS.keys() - set(said["notified"]))
    chosen = {"theme": said["theme"], "keys": said["keys"], MUTED: muted}
    return people.change_profile(
        request.user, by=request.user, name=said["name"], zone=said["zone"], preferences=chosen
    )


def _show(request: PersonRequest, *, status: int = 200, **more: Any) -> HttpResponse:
    shown = {
        "form": ProfileForm(person=request.user),
        "token_form": TokenForm(),
        "sessions": [
            (session, say_device(session.user_agent), session.session_key == request.session.session_key)
            for session in UserSession.objects.purge_and_list(request.user)
        ],
        "tokens": tokens.tokens_of(request.user),
        "abilities": request.user.person_abilities.select_related("ability"),
        "load": count_loads([request.user.pk])[request.user.pk],
        "capacity": capacity_of(request.user),
        **more,
    }
    return render(request, "accounts/profile.html", shown, status=status)


@never_cache
@login_required
def second_factor_qr(request: PersonRequest) -> HttpResponse:
    """The secret that is being set up, as a picture for the app; gone once it is in use."""
    secret = request.session.get(SECRET_SESSION_KEY)
    if not secret:
        raise Http404
    adapter = get_adapter()
    svg = adapter.build_totp_svg(adapter.build_totp_url(request.user, secret))
    return HttpResponse(svg, content_type="image/svg+xml")


@never_cache
@require_POST
@login_required
def add_token(request: PersonRequest) -> HttpResponse:
    """Make a token and show its secret, on this answer alone."""
    form = TokenForm(request.POST)
    made = attempt(form, lambda: tokens.issue_token(request.user, by=request.user, **form.cleaned_data))
    if not made:
        return _show(request, token_form=form, status=422)
    return _show(request, new_token=made[0], secret=made[1])


@require_POST
@login_required
def revoke_own_token(request: PersonRequest, pk: int) -> HttpResponse:
    """End one of one's own tokens."""
    token = get_object_or_404(ApiToken, pk=pk, user=request.user)
    tokens.revoke_token(token, by=request.user)
    messages.success(request, _("The token %(name)s was revoked\nIt opens nothing from now on") % {"name": token.name})
    return redirect("accounts:profile")


@require_POST
@login_required
def end_session(request: PersonRequest, pk: int) -> HttpResponse:
    """End one of one's own sessions."""
    people.end_session(get_object_or_404(UserSession, pk=pk, user=request.user), by=request.user)
    messages.success(request, _("The session was ended"))
    return redirect("accounts:profile")
