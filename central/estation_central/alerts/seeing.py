"""Which alerts a user may see, or take up."""

from __future__ import annotations

from django.db.models import F, Q, QuerySet

from estation_central.accounts import scope
from estation_central.accounts.rules import Right
from estation_central.alerts.models import Alert
from estation_central.alerts.rules import Kind


def alerts(user: scope.Anybody, right: Right) -> QuerySet[Alert]:
    """What stands of the stations and sites in which the user has a right; of a county, whoever has it there whole."""
    stations, sites = scope.stations(user, right), scope.sites(user, right)
    return Alert.objects.filter(
        Q(subject__in=stations.values("name"), site__gt="")
        | Q(subject__in=sites.values("code"), site=F("subject"))
        | Q(subject__in=scope.whole_regions(user, right).values("code"), kind=Kind.COUNTY_DARK),
        over=None,
    ).select_related("by")
