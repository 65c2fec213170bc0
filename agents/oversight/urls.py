"""The addresses of the record and the outbox."""

from django.urls import path, re_path

from agents.oversight import calls, outbox, record

urlpatterns = [
    path("manage/record/", record.list_entries, name="record"),
    path("manage/record/export.csv", record.export_entries, name="record_export"),
    path("manage/record/<int:pk>/", record.show_entry, name="entry"),
    path("manage/models/calls/", calls.list_calls, name="model_calls"),
    path("manage/models/calls/<int:pk>/", calls.show_call, name="model_call"),
    path("manage/outbox/", outbox.list_effects, name="outbox"),
    path("manage/outbox/confirm/", outbox.confirm_database, name="confirm_database"),
    re_path(
        r"^manage/outbox/(?P<pk>\d{1,18})/(?P<act>stop|mark-sent|send-again|give-up)/$",
        outbox.settle_effect,
        name="settle_effect",
    ),
]
