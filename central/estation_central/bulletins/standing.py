"""What became of a bulletin: who has it, on which screens it was, and who has not confirmed its recall."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Case, Count, Exists, OuterRef, QuerySet, Sum, Value, When
from msgspec import Struct

from estation_central.bulletins import wording
from estation_central.bulletins.models import Notice, Sending
from estation_central.compliance.models import BulletinShown
from estation_central.stations.models import Station


class Standing(Struct, frozen=True, kw_only=True):
    """Stations by what became of it there. ``open``: have not confirmed the recall."""

    sent: int
    taken: int
    refused: int
    shown: int
    recalled: int
    open: int


class Row(Struct, frozen=True, kw_only=True):
    """One station. ``times``: how often it was on its screen; ``end``: the answer to the recall."""

    station: Station
    outcome: str
    reason: str
    times: int
    end: str
    end_reason: str


def sendings(notice: Notice, stations: QuerySet[Station] | None) -> QuerySet[Sending]:
    """What was sent of it to ``stations``; None: to all."""
    ours = Sending.objects.filter(notice=notice)
    return ours if stations is None else ours.filter(station__in=stations.order_by().values("name"))


def standing(notice: Notice, ours: QuerySet[Sending]) -> Standing:
    """The figures of these sendings."""
    rows = ours.order_by().values_list("ends", "command__outcome").annotate(count=Count("pk"))
    by = {(ends, outcome): count for ends, outcome, count in rows}
    seen = BulletinShown.objects.filter(bulletin=notice.shown_as, station=OuterRef("station"))
    return Standing(
        sent=sum(count for (ends, _), count in by.items() if not ends),
        taken=by.get((False, "done"), 0),
        refused=by.get((False, "refused"), 0),
        shown=ours.filter(Exists(seen), ends=False).count(),
        recalled=sum(count for (ends, _), count in by.items() if ends),
        open=sum(count for (ends, outcome), count in by.items() if ends and outcome != "done"),
    )


def listed(notice: Notice, ours: QuerySet[Sending]) -> QuerySet[Sending]:
    """A sending of each station, by name; of a recalled one its recalls, those that are not confirmed first."""
    if notice.recalled is None:
        return ours.filter(ends=False).order_by("station")
    confirmed = Case(When(command__outcome="done", then=Value(1)), default=Value(0))
    return ours.filter(ends=True).annotate(confirmed=confirmed).order_by("confirmed", "station")


def rows(notice: Notice, part: Iterable[Sending]) -> list[Row]:
    """What became of it at each of a page's stations."""
    names = [each.station for each in part]
    every = Sending.objects.filter(notice=notice, station__in=names).select_related("command")
    answers = {(each.station, each.ends): (each.command.outcome, each.command.reason) for each in every}
    stations = {each.name: each for each in Station.objects.filter(name__in=names).select_related("site")}
    shown = BulletinShown.objects.filter(bulletin=notice.shown_as, station__in=names)
    times = dict(shown.order_by().values_list("station").annotate(times=Sum("times")))
    told = []
    for name in names:
        (outcome, reason), (end, end_reason) = (answers.get((name, ends), ("", "")) for ends in (False, True))
        if name in stations:
            told.append(
                Row(
                    station=stations[name],
                    outcome=outcome,
                    reason=wording.by_box(reason),
                    times=times.get(name, 0),
                    end=end,
                    end_reason=wording.by_box(end_reason),
                )
            )
    return told
