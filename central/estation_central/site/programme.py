"""The coming week of a station, and the reason of each slot: by the rules that its box goes by, without asking it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any, Final

import msgspec
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from estation_central.accounts import scope
from estation_central.accounts.access import needs
from estation_central.accounts.rules import Right
from estation_central.publication import library
from estation_central.publication.coming import expanded
from estation_central.registry.queries import hours_of
from estation_central.site.page import page
from estation_central.stations import queries
from estation_central.stations.models import Station
from estation_wire.audience import Place
from estation_wire.delegations import TOWNSHIP_DIGITS
from estation_wire.expansion import closures
from estation_wire.hours import Hours
from estation_wire.library import Catalogue, Item, Programme, words
from estation_wire.planner import SENTENCES, Judged, Why, preview

AHEAD: Final = timedelta(days=7)
MOST_SLOTS: Final = 120  # on the page: a week of one an hour is 168, and nobody reads further
MOST_TITLES: Final = 4  # of a slot


@require_safe
@needs(Right.SEE)
def programme(request: HttpRequest, name: str) -> HttpResponse:
    """What the station will show in the coming seven days, and what it will not, each with the reason."""
    rows = scope.stations(request.user).select_related("site__region", "site__calendar")
    station = get_object_or_404(rows, name=name)
    division, now = _division(station), datetime.now(UTC)
    published = library.document(Programme, division), library.document(Catalogue, division)
    told: dict[str, Any] = {"station": station, "known": None not in published}
    if published[0] is not None and published[1] is not None:
        told |= _coming(station, published[0], published[1], now)
        told["health"] = queries.contact(name).health
    return page(request, "programme.html", told)


def _division(station: Station) -> str:
    """Whose programmes it hears: its township's code where the registry's goes with the county that it goes by."""
    code: str = station.site.region.code[:TOWNSHIP_DIGITS]
    known = code.isdigit() and len(code) == TOWNSHIP_DIGITS and code.startswith(station.region)
    return code if known else str(station.region)


def _coming(station: Station, published: Programme, catalogue: Catalogue, now: datetime) -> dict[str, Any]:
    site = station.site
    place = msgspec.convert({"kind": site.kind, "region": station.region, "languages": site.languages}, Place)
    hours = hours_of([site], closures(published, place))[site.pk]
    seconds = float(site.minimum_seconds)
    slots, refused = expanded(published, catalogue, place, hours=hours, begin=now, days=AHEAD, minimum_seconds=seconds)
    judged = preview(slots, hours, seconds)
    titles = {item.id: item for item in catalogue.items}
    lines = [_slot(each, hours, titles, seconds) for each in judged[:MOST_SLOTS]]
    return {
        "days": [(day, list(each)) for day, each in groupby(lines, key=lambda line: line["at"].date())],
        "more": len(judged) - len(lines),
        "enough": sum(each.why is Why.PLANNED and each.slot.counting >= seconds for each in judged),
        "refused": refused,
        "programme": published.version,
        "catalogue": catalogue.version,
    }


def _slot(judged: Judged, hours: Hours, items: Mapping[str, Item], seconds: float) -> dict[str, Any]:
    """One slot in the reader's language; the box's own sentences stand for the reasons."""
    slot = judged.slot
    chinese = (get_language() or "").startswith("zh")
    read = ("zh-Hans", "en") if chinese else ("en", "zh-Hans")
    named = [words(items[each].titles, read) for each in slot.contents if each in items]
    return {
        "at": slot.start.astimezone(hours.zone),
        "minutes": slot.length / 60,
        "rule": slot.series or slot.rule,
        "shown": judged.why is Why.PLANNED,
        "why": SENTENCES[judged.why][0 if chinese else 1],
        "detail": judged.detail,
        "short": slot.counting < seconds,
        "titles": named[:MOST_TITLES],
        "more": max(len(named) - MOST_TITLES, 0),
    }
