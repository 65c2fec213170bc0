"""The addresses of articles, their import, products and subjects."""

from django.urls import URLPattern, path

from knowledge import catalogue_pages, help_pages, import_pages, review_pages, run_pages, views

app_name = "knowledge"

urlpatterns: list[URLPattern] = [
    path("knowledge/", views.list_articles, name="articles"),
    path("knowledge/add/", views.add_article, name="add"),
    path("knowledge/preview/", views.preview, name="preview"),
    path("knowledge/import/", import_pages.choose_file, name="import"),
    path("knowledge/import/<int:pk>/", import_pages.show_report, name="import_report"),
    path("knowledge/import/<int:pk>/start/", import_pages.start, name="start_import"),
    path("knowledge/<int:pk>/", views.show_article, name="article"),
    path("knowledge/<int:pk>/edit/", views.edit_article, name="edit"),
    path("knowledge/<int:pk>/state/", views.change_state, name="state"),
    path("knowledge/<int:pk>/versions/", views.list_versions, name="versions"),
    path("knowledge/<int:pk>/versions/<int:number>/restore/", views.restore, name="restore"),
    path("knowledge/<int:pk>/reason/", review_pages.set_reason, name="reason"),
    path("knowledge/<int:pk>/dates/", review_pages.set_dates, name="dates"),
    path("knowledge/<int:pk>/certify/", review_pages.certify_article, name="certify"),
    path("knowledge/drafts/", review_pages.list_drafts, name="drafts"),
    path("knowledge/drafts/<int:pk>/", review_pages.show_draft, name="draft"),
    path("knowledge/drafts/<int:pk>/decide/", review_pages.decide_draft, name="decide_draft"),
    path("knowledge/drafts/<int:pk>/revise/", review_pages.revise_draft, name="revise_draft"),
    path("knowledge/drafts/<int:pk>/reject/", review_pages.reject_draft, name="reject_draft"),
    path("knowledge/drafts/<int:pk>/split/", review_pages.split_draft, name="split_draft"),
    path("manage/runs/", run_pages.list_runs, name="runs"),
    path("manage/runs/<int:pk>/", run_pages.show_run, name="run"),
    path("manage/runs/<int:pk>/<slug:act>/", run_pages.change_run, name="change_run"),
    path("help/", help_pages.show_home, name="help"),
    path("help/<slug:slug>/", help_pages.show_article, name="help_article"),
    path("help/<slug:slug>/feedback/", help_pages.give_feedback, name="help_feedback"),
    path("robots.txt", help_pages.show_robots, name="robots"),
    path("manage/products/", catalogue_pages.list_products, name="products"),
    path("manage/products/add/", catalogue_pages.edit_product, name="add_product"),
    path("manage/products/<int:pk>/", catalogue_pages.edit_product, name="product"),
    path("manage/subjects/", catalogue_pages.list_subjects, name="subjects"),
    path("manage/subjects/add/", catalogue_pages.edit_subject, name="add_subject"),
    path("manage/subjects/<int:pk>/", catalogue_pages.edit_subject, name="subject"),
    path("manage/subjects/<int:pk>/delete/", catalogue_pages.remove_subject, name="remove_subject"),
]
