"""The addresses of the agents: review, record, outbox and the Manage pages."""

from agents.manage.urls import urlpatterns as manage_urlpatterns

app_name = "agents"
urlpatterns = [*manage_urlpatterns]
