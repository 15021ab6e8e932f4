"""Which bulletins a user may see, and which are whole within what the user writes for; and for whom each is."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from estation_central.accounts import scope
from estation_central.accounts.rules import Right
from estation_central.bulletins.models import Notice, Place
from estation_central.registry.models import Site
from estation_central.stations.models import Station


def notices(user: scope.Anybody, right: Right = Right.SEE) -> QuerySet[Notice]:
    """The bulletins that are for any of the sites in which the user has a right."""
    if scope.may_everywhere(user, right):
        return Notice.objects.select_related("by")
    return Notice.objects.filter(Exists(_places(scope.sites(user, right)))).select_related("by")


def own(user: scope.Anybody) -> QuerySet[Notice]:
    """The bulletins that are for no site outside those for which the user writes: these alone one may send."""
    if scope.may_everywhere(user, Right.WRITE):
        return Notice.objects.all()
    foreign = Site.objects.exclude(pk__in=scope.sites(user, Right.WRITE).order_by().values("pk"))
    return notices(user, Right.WRITE).filter(~Exists(_places(foreign)))


def _places(sites: QuerySet[Site]) -> QuerySet[Place]:
    """The places of a bulletin in which one of ``sites`` lies."""
    rows = sites.order_by()
    below = rows.filter(Q(region__path__startswith=OuterRef("path")) | Q(district__path__startswith=OuterRef("path")))
    return Place.objects.filter(notice=OuterRef("pk")).filter(
        Q(Exists(rows.filter(pk=OuterRef("site"))), site__isnull=False)
        | Q(Exists(below), site=None, kind="")
        | Q(Exists(below.filter(kind=OuterRef("kind"))), ~Q(kind=""), site=None)
    )


def stations_of(places: list[Place]) -> QuerySet[Station]:
    """The stations, those that were given up left out, for which something with these ``places`` is."""
    wanted = Q(pk__in=())
    for each in places:
        if each.site_id is not None:
            wanted |= Q(site=each.site_id)
            continue
        below = Q(site__region__path__startswith=each.path) | Q(site__district__path__startswith=each.path)
        wanted |= (below & Q(site__kind=each.kind)) if each.kind else below
    return Station.objects.filter(wanted, retired=None, site__closed=None)
