"""For those who watch the centre: is it alive, is it ready, and figures for Prometheus. Of no person, of no box.

``/healthz`` and ``/readyz`` say no more than yes or no, to anybody who reaches this port. ``/metrics`` wants a token of
somebody who may see the whole network.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Count, Max
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from estation_central.accounts import scope
from estation_central.accounts.rules import Right
from estation_central.alerts.models import Alert
from estation_central.alerts.rules import Kind
from estation_central.api import tokens
from estation_central.compliance.models import SiteVerdict
from estation_central.registry.models import Site
from estation_central.stations.models import Latest, Station
from estation_central.stations.queries import ONLINE_WITHIN
from estation_wire.counts import Verdict

BEARER: Final = "Bearer "


@login_not_required
@require_safe
def alive(_request: HttpRequest) -> HttpResponse:
    """This process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


@login_not_required
@require_safe
def ready(_request: HttpRequest) -> HttpResponse:
    """The database answers too, and its tables are those of this program."""
    try:
        executor = MigrationExecutor(connection)
        fine = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        fine = False
    return HttpResponse("ok\n" if fine else "no\n", status=200 if fine else 503, content_type="text/plain")


@login_not_required
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """The figures of the network, as they stand now."""
    said = request.headers.get("Authorization", "")
    user = tokens.user_of(said.removeprefix(BEARER), datetime.now(UTC)) if said.startswith(BEARER) else None
    if user is None or not scope.may_everywhere(user, Right.SEE):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    registry = CollectorRegistry()
    registry.register(_Network())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)


class _Network:
    """Asks the tables when Prometheus asks: six statements, none of which reads records."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        now = datetime.now(UTC)
        yield _gauge("stations", "stations in the network", Station.objects.filter(retired=None).count())
        yield _gauge("sites", "sites in the network", Site.objects.filter(closed=None).count())
        heard = Latest.objects.filter(heard__gte=now - ONLINE_WITHIN).aggregate(n=Count("station", distinct=True))
        yield _gauge("stations_online", "stations heard within a quarter of an hour", heard["n"])
        newest = Latest.objects.aggregate(at=Max("heard"))["at"]
        if newest is not None:
            told = "seconds since any station was heard: if it grows, look at broker and collector"
            yield _gauge("silence_seconds", told, (now - newest).total_seconds())
        yield _by_verdict()
        standing = dict(Alert.objects.filter(over=None).values_list("kind").annotate(n=Count("pk")).order_by())
        alerts = GaugeMetricFamily("estation_alerts", "alerts that stand", labels=["kind"])
        for kind in Kind:
            alerts.add_metric([kind.value], standing.get(kind.value, 0))
        yield alerts


def _by_verdict() -> GaugeMetricFamily:
    """The running week is the newest that any site was reckoned for."""
    family = GaugeMetricFamily("estation_weeks", "sites by the verdict of the running week", labels=["verdict"])
    week = SiteVerdict.objects.aggregate(week=Max("week"))["week"]
    rows = SiteVerdict.objects.filter(week=week or "").values_list("verdict").annotate(n=Count("site")).order_by()
    counted = dict(rows)
    for verdict in Verdict:
        family.add_metric([verdict.value], counted.get(verdict.value, 0))
    return family


def _gauge(name: str, said: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"estation_{name}", said, value=value)
