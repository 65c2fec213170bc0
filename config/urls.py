"""Every address of the site, app by app."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("agents.urls")),
    path("", include("accounts.urls")),
    path("", include("knowledge.urls")),
    path("accounts/", include("allauth.account.urls")),
    path("", include("cases.urls")),
]
