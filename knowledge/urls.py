"""The addresses of articles, their import, products and subjects."""

from django.urls import URLPattern, path

from knowledge import catalogue_pages, import_pages, views

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
    path("manage/products/", catalogue_pages.list_products, name="products"),
    path("manage/products/add/", catalogue_pages.edit_product, name="add_product"),
    path("manage/products/<int:pk>/", catalogue_pages.edit_product, name="product"),
    path("manage/subjects/", catalogue_pages.list_subjects, name="subjects"),
    path("manage/subjects/add/", catalogue_pages.edit_subject, name="add_subject"),
    path("manage/subjects/<int:pk>/", catalogue_pages.edit_subject, name="subject"),
    path("manage/subjects/<int:pk>/delete/", catalogue_pages.remove_subject, name="remove_subject"),
]
