"""The addresses of the agents: review, record, outbox and the Manage pages."""

from agents.manage.urls import urlpatterns as manage_urlpatterns
from agents.oversight.urls import urlpatterns as oversight_urlpatterns
from agents.review.urls import urlpatterns as review_urlpatterns

app_name = "agents"
urlpatterns = [*review_urlpatterns, *oversight_urlpatterns, *manage_urlpatterns]
