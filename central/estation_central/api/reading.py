"""The routes of the API. Each asks `accounts.scope` and never the whole tables; there is none that changes anything.

Annotations are evaluated here: the library reads them of a function that it has wrapped, and where they stand it
does not know.
"""

from datetime import UTC, date, datetime
from typing import Annotated, Any, Final

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import URLPattern
from ninja import NinjaAPI, Path, Query
from ninja.pagination import paginate
from ninja.security import HttpBearer

from estation_central.accounts import scope
from estation_central.accounts.rules import Right
from estation_central.alerts import seeing
from estation_central.alerts.models import Alert
from estation_central.api import tokens
from estation_central.api.shapes import (
    AlertOut,
    ContactOut,
    FigureOut,
    Part,
    RegionOut,
    SiteOut,
    StationOut,
    WeekOut,
    Wrong,
)
from estation_central.compliance import figures
from estation_central.compliance.figures import By, Figures
from estation_central.compliance.models import SiteVerdict
from estation_central.registry.models import Region, Site
from estation_central.stations import queries
from estation_central.stations.models import Station

LONGEST_DAYS: Final = 370
Code = Annotated[str, Path(max_length=64, pattern=r"^[0-9A-Za-z][0-9A-Za-z._-]*$")]
Days = Annotated[int, Query(ge=1, le=LONGEST_DAYS)]
RegionCode = Annotated[str, Query(max_length=64, pattern=r"^[0-9a-z-]*$")]


class Bearer(HttpBearer):
    """``Authorization: Bearer estation_…``; the request's user is then the token's."""

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        """The user, or None."""
        user = tokens.user_of(token, datetime.now(UTC))
        if user is not None:
            request.user = user
        return user


api = NinjaAPI(
    title="E-Station",
    version="1",
    description="What the centre knows of sites, stations and weeks. Read only; a token reaches as far as its user.",
    auth=Bearer(),
    docs_url=None,  # its page would load scripts that our pages forbid
    urls_namespace="api",
)
MISSING: Final = {404: Wrong, 401: Wrong, 403: Wrong, 422: Any}


@api.exception_handler(PermissionDenied)
def _denied(request: HttpRequest, _error: PermissionDenied) -> Any:
    return api.create_response(request, {"detail": "the token's user may not see this"}, status=403)


@api.get("/regions", response={200: list[RegionOut], **MISSING})
@paginate(Part)
def regions(request: HttpRequest) -> QuerySet[Region]:
    """The regions within the user's scope, by their code."""
    return scope.regions(_seer(request), Right.SEE).select_related("parent").order_by("code")


@api.get("/sites", response={200: list[SiteOut], **MISSING})
@paginate(Part)
def sites(request: HttpRequest) -> QuerySet[Site]:
    """The sites within the user's scope, by their code."""
    return scope.sites(_seer(request)).select_related("region").order_by("code")


@api.get("/sites/{code}/weeks", response={200: list[WeekOut], **MISSING})
@paginate(Part)
def weeks(request: HttpRequest, code: Code) -> QuerySet[SiteVerdict]:
    """The weeks of a site, the newest first."""
    site = get_object_or_404(scope.sites(_seer(request)), pk=code)
    return SiteVerdict.objects.filter(site=site.pk).order_by("-week")


@api.get("/stations", response={200: list[StationOut], **MISSING})
@paginate(Part)
def stations(request: HttpRequest) -> QuerySet[Station]:
    """The stations within the user's scope, by their name."""
    return scope.stations(_seer(request)).order_by("name")


@api.get("/stations/{name}", response={200: ContactOut, **MISSING})
def station(request: HttpRequest, name: Code) -> dict[str, Any]:
    """One station, and what it last said of itself."""
    found = get_object_or_404(scope.stations(_seer(request)), pk=name)
    said = queries.contact(found.name)
    health = said.health
    return {
        "name": found.name,
        "title": found.title,
        "site_id": found.site.pk,
        "retired": found.retired,
        "heard": said.heard,
        "online": said.online(datetime.now(UTC)),
        "trust": health.trust.value if health else None,
        "undelivered": health.undelivered if health else None,
        "tv": health.tv.value if health else None,
        "catalogue": health.catalogue if health else None,
        "card_worn_percent": health.card_worn_percent if health else None,
        "disk_free_bytes": health.disk_free_bytes if health else None,
    }


@api.get("/alerts", response={200: list[AlertOut], **MISSING})
@paginate(Part)
def alerts(request: HttpRequest) -> QuerySet[Alert]:
    """What stands, the newest first."""
    return seeing.alerts(_seer(request), Right.SEE).order_by("-began", "id")


@api.get("/figures", response={200: list[FigureOut], **MISSING})
def figures_of(
    request: HttpRequest, begin: date, days: Days = 7, by: By = By.COUNTY, region: RegionCode = ""
) -> list[Figures]:
    """Sums of so many local days from ``begin`` on, of a region by its code; without one, of the whole network."""
    user = _seer(request)
    end = date.fromordinal(min(begin.toordinal() + days - 1, date.max.toordinal()))
    if not region:
        if not scope.may_everywhere(user, Right.SEE):
            raise PermissionDenied
        return figures.sessions(by, begin, end)
    found = get_object_or_404(scope.whole_regions(user, Right.SEE), code=region)
    return figures.sessions(by, begin, end, found.path)


def _seer(request: HttpRequest) -> Any:
    """The token's user, who may see something; raises `PermissionDenied`."""
    if settings.CENTRE.demo or scope.may(request.user, Right.SEE):
        return request.user
    raise PermissionDenied


def routes() -> list[URLPattern]:
    """The API's routes, whose own door is the token: `accounts.access.Door` lets them through."""
    found = [route for route in api.urls[0] if isinstance(route, URLPattern)]
    for route in found:
        route.callback.login_required = False  # type: ignore[attr-defined]  # Django's own word for it
    return found
