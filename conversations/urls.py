"""The addresses of mailboxes, message templates, parked mail, files and bodies."""

from django.urls import URLPattern, path

from conversations import queue_pages, suppression_pages, task_pages, views, webhooks

app_name = "conversations"

urlpatterns: list[URLPattern] = [
    path("manage/mailboxes/", views.list_mailboxes, name="mailboxes"),
    path("manage/mailboxes/add/", views.edit_mailbox, name="add_mailbox"),
    path("manage/mailboxes/test/", views.try_mailbox, name="test_new_mailbox"),
    path("manage/mailboxes/<int:pk>/", views.edit_mailbox, name="mailbox"),
    path("manage/mailboxes/<int:pk>/test/", views.try_mailbox, name="test_mailbox"),
    path("manage/mailboxes/<int:pk>/switch/", views.switch_mailbox, name="switch_mailbox"),
    path("manage/queues/", queue_pages.list_queues, name="queues"),
    path("manage/queues/add/", queue_pages.edit_queue, name="add_queue"),
    path("manage/queues/<int:pk>/", queue_pages.edit_queue, name="queue"),
    path("manage/templates/", views.list_templates, name="templates"),
    path("manage/templates/add/", views.edit_template, name="add_template"),
    path("manage/templates/preview/", views.preview_template, name="preview_template"),
    path("manage/templates/<int:pk>/", views.edit_template, name="template"),
    path("manage/parked/", views.list_parked, name="parked"),
    path("manage/parked/<int:pk>/", views.show_parked, name="parked_mail"),
    path("manage/parked/<int:pk>/export/", views.export_parked, name="export_parked"),
    path("manage/parked/<int:pk>/retry/", views.retry_parked, name="retry_parked"),
    path("manage/parked/<int:pk>/discard/", views.discard_parked, name="discard_parked"),
    path("manage/suppressions/", suppression_pages.list_suppressions, name="suppressions"),
    path("manage/suppressions/find/", suppression_pages.find_suppression, name="find_suppression"),
    path("manage/suppressions/add/", suppression_pages.add_suppression, name="add_suppression"),
    path("manage/suppressions/import/", suppression_pages.import_suppressions, name="import_suppressions"),
    path("manage/suppressions/<int:pk>/lift/", suppression_pages.lift_suppression, name="lift_suppression"),
    path("unsubscribe/<str:token>/", suppression_pages.unsubscribe, name="unsubscribe"),
    path("hooks/mail/<int:pk>/", webhooks.hand_in, name="hand_in"),
    path("desk/tasks/", task_pages.list_tasks, name="tasks"),
    path("desk/tasks/add/", task_pages.add_task, name="add_task"),
    path("desk/tasks/<int:pk>/done/", task_pages.finish, name="finish_task"),
    path("desk/tasks/<int:pk>/reopen/", task_pages.reopen, name="reopen_task"),
    path("attachments/<int:pk>/", views.download_attachment, name="attachment"),
    path("attachments/<int:pk>/picture/", views.show_picture, name="picture"),
    path("messages/<int:pk>/images/", views.show_with_images, name="with_images"),
]
