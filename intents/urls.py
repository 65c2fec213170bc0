"""Addresses of the pages of intents."""

from django.urls import URLPattern

app_name = "intents"
urlpatterns: list[URLPattern] = []
