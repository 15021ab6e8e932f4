"""What happens to sites, stations and boxes in the course of the years; each step keeps the history. Time is told."""

from __future__ import annotations

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from estation_central.registry.models import (
    Box,
    BoxAssignment,
    Condition,
    Placement,
    Region,
    RegionCode,
    Site,
    Why,
)
from estation_central.stations.models import Station

_LEAVES_AS = {Why.STOLEN: Condition.STOLEN, Why.BROKEN: Condition.REPAIR}


@transaction.atomic
def place(station: Station, site: Site, now: datetime, why: Why = Why.MOVED) -> None:
    """The station stands in ``site`` from now on. Raises `ValidationError` where that site is closed."""
    if site.closed is not None:
        raise closed(site)
    here = Placement.objects.select_for_update().filter(station=station, ended=None).first()
    if here is not None and here.site_id == site.pk:
        return
    if here is not None:
        here.ended, here.why = now, why
        here.save()
    Placement.objects.create(station=station, site=site, began=now)
    station.site = site
    station.save()


def closed(site: Site) -> ValidationError:
    """Why nothing can be brought to a site that is closed, and where else to."""
    if site.merged_into is None:
        return ValidationError(_("%(site)s is closed: choose another site.") % {"site": site})
    words = {"site": site, "heir": site.merged_into}
    return ValidationError(_("%(site)s is closed and was merged into %(heir)s: choose that one.") % words)


@transaction.atomic
def assign(box: Box, station: Station, now: datetime) -> None:
    """``box`` serves the station from now on; the one before goes to the spare pool. Raises `ValidationError`."""
    box = Box.objects.select_for_update().get(pk=box.pk)
    if box.condition != Condition.GOOD:
        words = {"box": box, "condition": box.get_condition_display()}  # type: ignore[attr-defined]  # made by Django
        raise ValidationError(_("Box %(box)s cannot serve: %(condition)s.") % words)
    if station.retired is not None:
        raise ValidationError(_("%(station)s is given up: it takes no box.") % {"station": station})
    serves = BoxAssignment.objects.select_for_update().filter(box=box, ended=None).first()
    if serves is not None and serves.station_id == station.pk:
        return
    if serves is not None:
        words = {"box": box, "station": serves.station_id}
        raise ValidationError(_("Box %(box)s serves %(station)s: take it from there first.") % words)
    take_away(station, now, Why.REPLACED)
    BoxAssignment.objects.create(box=box, station=station, began=now)


@transaction.atomic
def take_away(station: Station, now: datetime, why: Why) -> Box | None:
    """The station's box serves it no more: stolen, broken, or into the spare pool. The box, if it had one."""
    last = BoxAssignment.objects.select_for_update().select_related("box").filter(station=station, ended=None).first()
    if last is None:
        return None
    last.ended, last.why = now, why
    last.save()
    if why in _LEAVES_AS:
        last.box.condition = _LEAVES_AS[why]
        last.box.save()
    box: Box = last.box
    return box


@transaction.atomic
def retire(station: Station, now: datetime, on: date) -> None:
    """The station is given up on that day; its box goes to the spare pool. What it showed stays."""
    take_away(station, now, Why.RETIRED)
    for here in Placement.objects.filter(station=station, ended=None):
        here.ended, here.why = now, Why.RETIRED
        here.save()  # and not by `update`, of which the log would not hear
    station.retired = on
    station.save()


@transaction.atomic
def merge(site: Site, into: Site, now: datetime) -> int:
    """A school goes up in another: its stations stand there from now on. How many moved; `ValidationError`."""
    if site.pk == into.pk:
        raise ValidationError(_("A site cannot be merged into itself."))
    moved = list(Station.objects.filter(site=site, retired=None))
    for station in moved:
        place(station, into, now, Why.MERGED)
    site.closed, site.merged_into = now.date(), into
    site.full_clean()
    site.save()
    return len(moved)


@transaction.atomic
def change_code(region: Region, code: str, on: date) -> None:
    """The region has another code from that day on. Stations keep the old one in their topics. `ValidationError`."""
    if code == region.code:
        return
    before = RegionCode.objects.select_for_update().filter(region=region, ended=None).first()
    if before is None:
        before = RegionCode(region=region, code=region.code)
    before.ended = on
    before.full_clean()
    before.save()
    region.code = code
    region.full_clean()
    region.save()
    RegionCode.objects.create(region=region, code=code, began=on)
