"""The addresses of people, roles, teams, tokens and one's own profile."""

from django.urls import URLPattern, path
from django.views.generic import RedirectView

from accounts import notification_pages, profile, views, work_pages

app_name = "accounts"

urlpatterns: list[URLPattern] = [
    path("manage/people/", views.list_people, name="people"),
    path("manage/people/add/", views.add_person, name="add_person"),
    path("manage/people/<int:pk>/", views.edit_person, name="person"),
    path("manage/people/<int:pk>/link/", views.make_link, name="make_link"),
    path("manage/people/<int:pk>/second-factor/", views.reset_factor, name="reset_factor"),
    path("manage/people/<int:pk>/capacity/", work_pages.change_work, name="change_work"),
    path("manage/people/skills/", work_pages.list_abilities, name="abilities"),
    path("manage/people/skills/<int:pk>/", work_pages.edit_ability, name="ability"),
    path("manage/people/skills/<int:pk>/delete/", work_pages.remove_ability, name="remove_ability"),
    path("manage/people/roles/", views.list_roles, name="roles"),
    path("manage/people/roles/<slug:code>/", views.edit_role, name="role"),
    path("manage/people/roles/<slug:code>/delete/", views.remove_role, name="remove_role"),
    path("manage/people/teams/", views.list_teams, name="teams"),
    path("manage/people/teams/add/", views.edit_team, name="add_team"),
    path("manage/people/teams/<int:pk>/", views.edit_team, name="team"),
    path("manage/people/teams/<int:pk>/delete/", views.remove_team, name="remove_team"),
    path("manage/people/tokens/", views.list_tokens, name="tokens"),
    path("manage/people/tokens/<int:pk>/revoke/", views.revoke, name="revoke_token"),
    path("notifications/", notification_pages.list_notifications, name="notifications"),
    path("notifications/read/", notification_pages.read_notifications, name="read_notifications"),
    path("notifications/<int:pk>/", notification_pages.open_notification, name="notification"),
    path("profile/", profile.show_profile, name="profile"),
    path("profile/presence/", work_pages.say_presence, name="say_presence"),
    path("profile/second-factor.svg", profile.second_factor_qr, name="second_factor_qr"),
    path("profile/tokens/", profile.add_token, name="add_token"),
    path("profile/tokens/<int:pk>/revoke/", profile.revoke_own_token, name="revoke_own_token"),
    path("profile/sessions/<int:pk>/end/", profile.end_session, name="end_session"),
    # allauth's own pages that are not offered here: nobody adds themselves or changes how they sign in by themselves.
    path("accounts/signup/", RedirectView.as_view(pattern_name="account_login")),
    path("accounts/email/", RedirectView.as_view(pattern_name="account_login")),
]
