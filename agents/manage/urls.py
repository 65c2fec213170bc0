"""The addresses under /manage/ that belong to the agents."""

from django.urls import path, register_converter
from django.urls.converters import SlugConverter

from agents.manage import center, line_pages, model_pages, section_pages, version_pages
from agents.sections import AGENTS


class AgentConverter(SlugConverter):
    """Takes only agents there are, so that /manage/<anything else>/ is left to other apps."""

    def to_python(self, value: str) -> str:
        """The agent's name; ValueError means that this is no address of ours."""
        if value not in AGENTS:
            raise ValueError(value)
        return value


register_converter(AgentConverter, "agent")

urlpatterns = [
    path("manage/", center.show_center, name="manage"),
    path("manage/pause/", center.pause, name="pause"),
    path("manage/resume/", center.resume, name="resume"),
    path("manage/lines/", line_pages.list_lines, name="lines"),
    path("manage/lines/add/", line_pages.edit_line, name="line_add"),
    path("manage/lines/<int:pk>/", line_pages.edit_line, name="line"),
    path("manage/models/", model_pages.list_models, name="models"),
    path("manage/models/add/", model_pages.edit_model, name="model_add"),
    path("manage/models/skills/", model_pages.edit_engines, name="engines"),
    path("manage/models/retry/", model_pages.retry_waiting, name="models_retry"),
    path("manage/models/<int:pk>/", model_pages.edit_model, name="model"),
    path("manage/models/<int:pk>/test/", model_pages.try_model, name="model_test"),
    path("manage/models/<int:pk>/delete/", model_pages.delete_model, name="model_delete"),
    path("manage/calendars/add/", line_pages.edit_calendar, name="calendar_add"),
    path("manage/calendars/<int:pk>/", line_pages.edit_calendar, name="calendar"),
    path("manage/versions/<slug:what>/<int:pk>/", version_pages.list_versions, name="versions"),
    path("manage/versions/<slug:what>/<int:pk>/<int:number>/", version_pages.show_version, name="version"),
    path("manage/<agent:agent>/", center.show_agent, name="manage_agent"),
    path("manage/<agent:agent>/<slug:slug>/", section_pages.show_section, name="manage_section"),
    path("manage/<agent:agent>/<slug:slug>/rules/<int:pk>/delete/ask/", section_pages.ask_delete, name="ask_delete"),
    path("manage/<agent:agent>/<slug:slug>/rules/<int:pk>/<slug:act>/", section_pages.change_rule, name="change_rule"),
    path("manage/<agent:agent>/<slug:slug>/versions/<int:number>/", section_pages.show_version, name="manage_version"),
    path("manage/<agent:agent>/<slug:slug>/lines/<int:pk>/forget/", section_pages.forget_line, name="forget_line"),
]
