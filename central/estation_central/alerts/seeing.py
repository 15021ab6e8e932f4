"""Which alerts a user may see, or take up; which silences may be ended, and who says whom they are told to."""

from __future__ import annotations

from datetime import datetime

from django.db.models import F, Q, QuerySet

from estation_central.accounts import scope
from estation_central.accounts.rules import Right
from estation_central.alerts.models import Alert, AlertChannel, AlertSilence
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


def silences(user: scope.Anybody, right: Right, now: datetime) -> QuerySet[AlertSilence]:
    """What is kept quiet at ``now``, of the stations, sites and whole regions in which the user has a right.

    What is kept quiet everywhere is a matter of whoever has the right everywhere.
    """
    running = AlertSilence.objects.filter(until__gt=now).select_related("by")
    if scope.may_everywhere(user, right):
        return running
    return running.filter(
        Q(subject__in=scope.stations(user, right).values("name"))
        | Q(subject__in=scope.sites(user, right).values("code"))
        | Q(subject__in=scope.whole_regions(user, right).values("code"))
    )


def channels(user: scope.Anybody) -> QuerySet[AlertChannel]:
    """Who is told of the regions that the user administers whole; of the network, for whoever administers it whole."""
    named = AlertChannel.objects.select_related("region")
    if scope.may_everywhere(user, Right.ADMINISTER):
        return named
    return named.filter(region__in=scope.whole_regions(user, Right.ADMINISTER))
