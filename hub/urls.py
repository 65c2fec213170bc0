"""Addresses of the first page and the first run."""

from django.urls import path

from hub import views

app_name = "hub"
urlpatterns = [
    path("", views.home, name="home"),
    path("welcome/", views.first_run, name="first_run"),
    path("welcome/administrator/", views.first_administrator, name="first_administrator"),
    path("welcome/mailbox/", views.connect_mailbox, name="mailbox"),
    path("welcome/test/", views.test_mailbox, name="test"),
    path("welcome/history/", views.choose_history, name="history"),
    path("welcome/history/upload/", views.upload_history, name="upload"),
    path("welcome/history/progress/", views.show_progress, name="progress"),
    path("welcome/result/", views.show_result, name="result"),
    path("welcome/decide/", views.decide_levels, name="decide"),
]
