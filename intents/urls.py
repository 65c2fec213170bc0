"""Addresses of the library of intents."""

from django.urls import path

from intents import discovery_pages, file_pages, group_pages, views

BASE = "manage/customer-intent/"
ONE = f"{BASE}library/<int:pk>/"

app_name = "intents"
urlpatterns = [
    path(f"{BASE}library/", views.list_library, name="library"),
    path(f"{BASE}library/decide/", views.decide_selected, name="decide"),
    path(f"{BASE}library/again/", views.match_again, name="match_again"),
    path(f"{BASE}library/try/", views.try_sentence, name="try"),
    path(f"{BASE}library/add/", views.edit_intent, name="add_intent"),
    path(f"{BASE}library/import/", file_pages.import_file, name="import"),
    path(f"{BASE}library/export/", file_pages.export_file, name="export"),
    path(ONE, views.edit_intent, name="intent"),
    path(f"{ONE}examples/", views.edit_examples, name="examples"),
    path(f"{ONE}attributes/", views.edit_attributes, name="attributes"),
    path(f"{ONE}articles/", views.edit_articles, name="articles"),
    path(f"{ONE}review/", views.review_intent, name="review_intent"),
    path(f"{BASE}runs/<int:pk>/", discovery_pages.show_run, name="run"),
    path(f"{BASE}runs/<int:pk>/progress/", discovery_pages.show_progress, name="run_progress"),
    path(f"{BASE}runs/<int:pk>/move/", discovery_pages.move, name="move"),
    path(f"{BASE}runs/<int:pk>/reviewed/", discovery_pages.mark_reviewed, name="run_reviewed"),
    path(f"{BASE}runs/<int:pk>/export/", discovery_pages.export_run, name="run_export"),
    path(f"{BASE}candidates/<int:pk>/name/", discovery_pages.rename, name="candidate_name"),
    path(f"{BASE}discoveries/<int:pk>/test/", discovery_pages.start_test, name="start_test"),
    path(f"{BASE}groups/", group_pages.list_groups, name="groups"),
    path(f"{BASE}groups/add/", group_pages.add_group, name="add_group"),
    path(f"{BASE}groups/<int:pk>/", group_pages.edit_group, name="group"),
    path(f"{BASE}groups/<int:pk>/members/", group_pages.change_members, name="members"),
    path(f"{BASE}groups/<int:pk>/review/", group_pages.review_group, name="review_group"),
]
