"""Every address of the site, app by app."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    # Its pages stand below the agent's own address, which agents.urls would take.
    path("", include("intents.urls")),
    path("", include("agents.urls")),
    path("", include("accounts.urls")),
    path("", include("knowledge.urls")),
    path("", include("conversations.urls")),
    path("accounts/", include("allauth.account.urls")),
    path("accounts/second-factor/", include("allauth.mfa.urls")),
    path("", include("cases.urls")),
    path("", include("sales.urls")),
    path("", include("followups.urls")),
    path("", include("hub.urls")),
    path("", include("config.api")),
]

handler400 = "config.problems.bad_request"
handler404 = "config.problems.not_found"
handler500 = "config.problems.server_error"
