"""One station at a time: from the command line, with the county and the site that it names."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from estation_central.registry.models import Level, Region, Site
from estation_central.registry.moving import place
from estation_central.stations.models import Station


@transaction.atomic
def add(name: str, county: str, title: str, site: str, words: Mapping[str, Any], *, now: datetime) -> Station:
    """Add the station ``name``, or change it; ``words`` are what is told of its site. Raises `ValidationError`."""
    region = Region.objects.filter(code=county).first()
    if region is None:
        region = Region(code=county, name=county, level=Level.COUNTY)
        region.full_clean()
        region.save()
    found = Site.objects.filter(code=site).first() or Site(code=site, title=title, region=region, kind="village")
    for word, value in words.items():
        setattr(found, word, value)
    found.full_clean()
    found.save()
    station = Station.objects.filter(name=name).first() or Station(name=name, site=found)
    station.region, station.title = county, title
    station.full_clean()
    station.save()
    place(station, found, now)
    return station
