"""The pages of products and subjects in the admin center."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.pages import needs
from knowledge import catalogue
from knowledge.forms import ProductForm, SubjectForm
from knowledge.models import Product, Subject

MANAGE = "agents.manage"
PER_PAGE = 50


def _frame() -> dict[str, Any]:
    return {
        "crumbs": [(_("Admin center"), "/manage/"), (_("Products and subjects"), reverse("knowledge:products"))],
        "tabs": [
            {"text": _("Products"), "url": reverse("knowledge:products")},
            {"text": _("Subjects"), "url": reverse("knowledge:subjects")},
        ],
    }


@require_GET
@needs(MANAGE)
def list_products(request: HttpRequest) -> HttpResponse:
    """Every product with its other names; search in the address."""
    q = request.GET.get("q", "").replace("\x00", "").strip()[:200]
    rows = Product.objects.select_related("family").order_by("-is_active", "name", "pk")
    if q:
        rows = rows.filter(Q(name__icontains=q) | Q(sku__icontains=q) | Q(aliases__icontains=q))
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page", ""))
    return render(request, "knowledge/products.html", {**_frame(), "page": page, "q": q})


@never_cache
@needs(MANAGE)
def edit_product(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Add a product, or change one."""
    product = get_object_or_404(Product.objects.select_related("family"), pk=pk) if pk else None
    form = ProductForm(request.POST if request.method == "POST" else None, product=product)
    if request.method == "POST" and form.is_valid():
        try:
            saved = catalogue.save_product(product, by=request.user, **form.cleaned_data)
        except catalogue.Refused as refusal:
            form.add_error("name", str(refusal))
        else:
            messages.success(request, _("%(name)s was saved") % {"name": saved.name})
            return redirect("knowledge:products")
    shown = {**_frame(), "form": form, "product": product}
    return render(request, "knowledge/product.html", shown, status=422 if form.is_bound else 200)


@require_GET
@needs(MANAGE)
def list_subjects(request: HttpRequest) -> HttpResponse:
    """The tree of subjects."""
    return render(request, "knowledge/subjects.html", {**_frame(), "branches": catalogue.list_branches()})


@never_cache
@needs(MANAGE)
def edit_subject(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Add a subject, or rename or move one."""
    subject = get_object_or_404(Subject, pk=pk) if pk else None
    form = SubjectForm(request.POST if request.method == "POST" else None, subject=subject)
    if request.method == "POST" and form.is_valid():
        try:
            saved = catalogue.save_subject(subject, by=request.user, **form.cleaned_data)
        except catalogue.Refused as refusal:
            form.add_error("name", str(refusal))
        else:
            messages.success(request, _("%(name)s was saved") % {"name": saved.name})
            return redirect("knowledge:subjects")
    shown = {
        **_frame(),
        "form": form,
        "subject": subject,
        "why_kept": catalogue.why_kept(subject) if subject else "",
    }
    return render(request, "knowledge/subject.html", shown, status=422 if form.is_bound else 200)


@require_POST
@needs(MANAGE)
def remove_subject(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a subject that nothing uses."""
    subject = get_object_or_404(Subject, pk=pk)
    try:
        catalogue.delete_subject(subject, by=request.user)
    except catalogue.Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("knowledge:subject", pk)
    messages.success(request, _("%(name)s was deleted") % {"name": subject.name})
    return redirect("knowledge:subjects")
