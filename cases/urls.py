"""Addresses of the workspace."""

from django.urls import path

from cases import agent_pages, definition_pages, draft_pages, task_pages, topic_pages, views

app_name = "cases"
urlpatterns = [
    path("manage/fields/", definition_pages.list_definitions, name="definitions"),
    path("manage/fields/add/", definition_pages.edit_definition, name="add_definition"),
    path("manage/fields/<int:pk>/", definition_pages.edit_definition, name="definition"),
    path("manage/fields/<slug:field>/values/add/", definition_pages.edit_option, name="add_option"),
    path("manage/fields/<slug:field>/values/<int:pk>/", definition_pages.edit_option, name="option"),
    path("desk/", views.inbox, name="inbox"),
    path("desk/adopt/", views.adopt_open, name="adopt_open"),
    path("desk/cases/<int:number>/", views.show_case, name="case"),
    path("desk/cases/<int:number>/messages/<int:pk>/", views.show_message, name="message"),
    path("desk/cases/<int:number>/timeline/", views.show_folded, name="timeline"),
    path("desk/cases/<int:number>/reply/", views.reply, name="reply"),
    path("desk/cases/<int:number>/draft/template/", draft_pages.choose_template, name="draft_template"),
    path("desk/cases/<int:number>/note/", views.note, name="note"),
    path("desk/cases/<int:number>/tasks/add/", task_pages.add_task, name="add_task"),
    path("desk/cases/<int:number>/assign/", views.assign, name="assign"),
    path("desk/cases/<int:number>/route/", agent_pages.route_again, name="route_again"),
    path("desk/cases/<int:number>/resolve/", views.resolve, name="resolve"),
    path("desk/cases/<int:number>/reopen/", views.reopen, name="reopen"),
    path("desk/cases/<int:number>/cancel/", views.cancel, name="cancel"),
    path("desk/cases/<int:number>/fields/", views.change_fields, name="fields"),
    path("desk/cases/<int:number>/intent/", topic_pages.correct_intent, name="correct_intent"),
    path("desk/cases/<int:number>/intent/undo/", topic_pages.undo_intent, name="undo_intent"),
    path("desk/cases/hold/", agent_pages.hold_selected, name="hold_selected"),
    path("desk/cases/<int:number>/take-over/", agent_pages.take_over, name="take_over"),
    path("desk/cases/<int:number>/works-again/", agent_pages.clear_bounce, name="clear_bounce"),
    path("desk/cases/<int:number>/give-back/", agent_pages.give_back, name="give_back"),
    path("desk/cases/<int:number>/adopt/", views.adopt, name="adopt"),
]
