"""Addresses of the pages of leads."""

from django.urls import path

from sales import import_pages, starting_pages, views
from sales.outreach import pages as outreach

app_name = "sales"
urlpatterns = [
    path("desk/leads/", views.list_page, name="leads"),
    path("desk/leads/selected/", views.act_on_selected, name="act_on_selected"),
    path("desk/leads/add/", views.add_lead, name="add"),
    path("manage/leads/customer/", starting_pages.propose_customer, name="propose_customer"),
    path("manage/leads/start/", starting_pages.start_or_stop, name="start_agent"),
    path("desk/leads/import/", import_pages.choose_file, name="import"),
    path("desk/leads/import/<int:pk>/", import_pages.import_one, name="import_one"),
    path("desk/leads/import/<int:pk>/start/", import_pages.start, name="start_import"),
    path("desk/leads/import/<int:pk>/cancel/", import_pages.cancel, name="cancel_import"),
    path("desk/leads/import/<int:pk>/report/", import_pages.download_report, name="import_report"),
    path("desk/leads/<int:pk>/", views.show_lead, name="lead"),
    path("desk/leads/<int:pk>/cadence/", outreach.act_on_cadence, name="cadence"),
    path("desk/leads/<int:pk>/fields/", views.change_fields, name="fields"),
    path("desk/leads/<int:pk>/assign/", views.assign, name="assign"),
    path("desk/leads/<int:pk>/research/", views.research, name="research"),
    path("desk/leads/<int:pk>/move/", views.move, name="move"),
]
