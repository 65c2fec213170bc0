"""The addresses of people, roles, teams, tokens and one's own profile."""

from django.urls import URLPattern, path
from django.views.generic import RedirectView

app_name = "accounts"

urlpatterns: list[URLPattern] = [
    # allauth's own pages that are not offered here: nobody adds themselves or changes how they sign in by themselves.
    path("accounts/signup/", RedirectView.as_view(pattern_name="account_login")),
    path("accounts/email/", RedirectView.as_view(pattern_name="account_login")),
]
