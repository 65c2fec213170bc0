"""The pages of queues in the admin center."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.pages import needs
from conversations.models import Queue
from conversations.queues import save_queue

MANAGE = "conversations.manage"


class QueueForm(forms.ModelForm):
    """A queue with the team that works it."""

    class Meta:
        model = Queue
        fields = ["name", "team", "line_of_business"]


@require_GET
@needs(MANAGE)
def list_queues(request: HttpRequest) -> HttpResponse:
    """Every queue with its team."""
    rows = Queue.objects.select_related("team", "line_of_business")
    shown = {"crumbs": [(_("Admin center"), "/manage/")], "queues": rows}
    return render(request, "conversations/queues.html", shown)


@never_cache
@needs(MANAGE)
def edit_queue(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Add a queue, or change one."""
    queue = get_object_or_404(Queue, pk=pk) if pk else None
    form = QueueForm(request.POST if request.method == "POST" else None, instance=queue)
    if request.method == "POST" and form.is_valid():
        saved = save_queue(queue, by=request.user, **form.cleaned_data)
        messages.success(request, _("The queue %(name)s was saved") % {"name": saved})
        return redirect("conversations:queues")
    crumbs = [(_("Admin center"), "/manage/"), (_("Queues"), reverse("conversations:queues"))]
    shown = {"crumbs": crumbs, "form": form, "queue": queue}
    return render(request, "conversations/queue.html", shown, status=422 if form.is_bound else 200)
