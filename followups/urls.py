"""Addresses of the pages of follow-ups."""

from django.urls import path

from followups import views

app_name = "followups"
urlpatterns = [
    path("desk/follow-ups/", views.plans, name="plans"),
    path("desk/follow-ups/<int:pk>/send/", views.send, name="send"),
    path("desk/follow-ups/<int:pk>/skip/", views.skip, name="skip"),
    path("desk/follow-ups/<int:pk>/move/", views.move, name="move"),
    path("desk/follow-ups/<int:pk>/stop/", views.stop, name="stop"),
    path("desk/follow-ups/steps/<int:pk>/rate/", views.rate, name="rate"),
    path("still-not-solved/<str:token>/", views.reopen, name="reopen"),
]
