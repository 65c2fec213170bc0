"""The API: its addresses and what every view of it does.

Everything stands under ``/api/v1/``; ``/api/`` says where to go, ``/api/schema/`` is the OpenAPI description and
``/api/docs/`` shows it to people. What breaks clients becomes ``/api/v2/``; new fields and resources do not.
"""

from typing import Any

from csp.decorators import csp_update
from django.urls import URLPattern, URLResolver, include, path, re_path
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.exceptions import MethodNotAllowed, NotFound
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.views import APIView

from accounts.api import Me
from accounts.idempotency import Idempotent
from accounts.notification_api import Notifications
from accounts.people_api import Abilities, People
from agents.api import LinesOfBusiness, Suggestions
from cases.api import Attachments, Cases, Messages
from config.problems import CONTENT_TYPE
from conversations.api import Queues
from conversations.suppression_api import Suppressions
from conversations.task_api import Tasks
from followups.api import Plans
from intents.api import Determinations, Intents
from knowledge.api import Articles, Products, Subjects
from sales.api import LeadImports, Leads


class OnApi(Idempotent):
    """Put before every viewset by ``Router``: methods nobody wrote are 405 for everybody, requests repeat safely."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Before sign-in: is there such a method at all?"""
        if (request.method or "").lower() not in self.action_map:  # type: ignore[attr-defined]
            raise MethodNotAllowed(request.method or "")
        super().initial(request, *args, **kwargs)

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        """A stored refusal that is given again is a problem still."""
        response = super().finalize_response(request, response, *args, **kwargs)
        if response.status_code >= 400:
            response.content_type = CONTENT_TYPE
        return response


class Router(SimpleRouter):
    """Registers viewsets as the API serves them."""

    def register(self, prefix: str, viewset: Any, basename: str | None = None) -> None:
        """Serve ``viewset`` under ``prefix``; apps write viewsets without knowing about requests that come twice."""
        served = type(viewset.__name__, (OnApi, viewset), {"__doc__": viewset.__doc__, "__module__": __name__})
        super().register(prefix, served, basename or prefix)


class Start(APIView):
    """Where to go from here."""

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]
    throttle_classes: list[Any] = []

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        """The addresses of the API, its description and its pages for people."""
        here = request.build_absolute_uri("/api/")
        return Response({"v1": f"{here}v1/", "schema": f"{here}schema/", "docs": f"{here}docs/"})


class Unknown(APIView):
    """Whatever is not an address of the API."""

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]
    throttle_classes: list[Any] = []
    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """404, for every method."""
        if request.path.endswith("/"):
            raise NotFound(_("There is nothing here. /api/docs/ lists every address."))
        raise NotFound(_("There is nothing here. Addresses of the API end with a slash."))


# Swagger UI draws its arrows from data: addresses; scripts and styles come from our own files.
@method_decorator(csp_update({"img-src": ["data:"]}), name="dispatch")
class Docs(SpectacularSwaggerSplitView):
    """The description for people, from files of our own; the script has an address of its own."""

    template_name = "api/docs.html"


router = Router()
router.register("me", Me)
router.register("lines-of-business", LinesOfBusiness)
router.register("products", Products)
router.register("subjects", Subjects)
router.register("queues", Queues)
router.register("suppressions", Suppressions)
router.register("people", People)
router.register("skills", Abilities)
router.register("tasks", Tasks)
router.register("notifications", Notifications)
router.register("cases", Cases)
router.register("plans", Plans)
router.register("leads", Leads)
router.register("lead-imports", LeadImports)
router.register("messages", Messages)
router.register("attachments", Attachments)
router.register("articles", Articles)
router.register("intents", Intents)
router.register("determinations", Determinations)
router.register("suggestions", Suggestions)

open_to_all: dict[str, Any] = {"authentication_classes": [], "permission_classes": [AllowAny], "throttle_classes": []}
urlpatterns: list[URLPattern | URLResolver] = [
    path("api/", Start.as_view(), name="start"),
    path("api/schema/", SpectacularAPIView.as_view(**open_to_all), name="schema"),
    path("api/docs/", Docs.as_view(url_name="api:schema", **open_to_all), name="docs"),
    path("api/v1/", include(router.urls)),
    re_path(r"^api/", Unknown.as_view()),
]
app_name = "api"
