"""Addresses of the first page and the first run."""

from django.urls import path

from hub import insight_pages, parked, search, views

app_name = "hub"
urlpatterns = [
    path("", views.home, name="home"),
    path("search/", search.show_results, name="search"),
    path("insights/", insight_pages.show_insights, name="insights"),
    path("insights/export.csv", insight_pages.export_insights, name="export_insights"),
    path("insights/<slug:name>/", insight_pages.list_rows, name="measure"),
    path("manage/parked-work/", parked.list_parked, name="parked_work"),
    path("manage/parked-work/<int:pk>/retry/", parked.retry, name="retry_work"),
    path("manage/parked-work/<int:pk>/give-up/", parked.give_up, name="give_up_work"),
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
