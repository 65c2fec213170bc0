"""The addresses of the review queue, and of one suggestion."""

from django.urls import path

from agents.review import deciding, views

urlpatterns = [
    path("review/", views.list_waiting, name="review"),
    path("review/decided/", views.list_decided, name="decided"),
    path("review/news/", views.show_news, name="news"),
    path("review/selected/", deciding.decide_selected, name="decide_selected"),
    path("review/undo/<int:pk>/", deciding.undo_suggestion, name="undo"),
    path("review/<int:pk>/", views.open_suggestion, name="review_one"),
    path("review/<int:pk>/accept/", deciding.accept_suggestion, name="accept"),
    path("review/<int:pk>/edit/", views.edit_suggestion, name="edit"),
    path("review/<int:pk>/accept-edited/", deciding.accept_edited, name="accept_edited"),
    path("review/<int:pk>/reject/", deciding.reject_suggestion, name="reject"),
    path("review/<int:pk>/rate/", deciding.rate_suggestion, name="rate"),
    path("review/<int:pk>/renew/", deciding.renew_suggestion, name="renew"),
    path("suggestions/<int:pk>/", views.show_suggestion, name="suggestion"),
]
