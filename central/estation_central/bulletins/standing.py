"""What became of a bulletin: who has it, on which screens it was, and who has not confirmed its recall."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Count, Exists, OuterRef, QuerySet, Sum
from msgspec import Struct

from estation_central.bulletins.models import Notice, Sending
from estation_central.compliance.models import BulletinShown
from estation_central.stations.models import Command, Station


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


def standing(notice: Notice, stations: QuerySet[Station]) -> Standing:
    """The figures, of ``stations`` alone."""
    ours = Sending.objects.filter(notice=notice, station__in=stations.order_by().values("name"))
    by = {ends: _outcomes(ours.filter(ends=ends)) for ends in (False, True)}
    seen = BulletinShown.objects.filter(bulletin=notice.shown_as, station=OuterRef("station"))
    return Standing(
        sent=sum(by[False].values()),
        taken=by[False].get("done", 0),
        refused=by[False].get("refused", 0),
        shown=ours.filter(Exists(seen), ends=False).count(),
        recalled=sum(by[True].values()),
        open=sum(count for outcome, count in by[True].items() if outcome != "done"),
    )


def _outcomes(sendings: QuerySet[Sending]) -> dict[str, int]:
    commands = Command.objects.filter(id__in=sendings.order_by().values("command"))
    return dict(commands.order_by().values_list("outcome").annotate(count=Count("id")))


def listed(notice: Notice, stations: QuerySet[Station]) -> QuerySet[Sending]:
    """The stations that were sent it; those that have not confirmed its recall come first, then by name."""
    ours = Sending.objects.filter(notice=notice, ends=False, station__in=stations.order_by().values("name"))
    done = Command.objects.filter(outcome="done").values("id")
    ended = Sending.objects.filter(notice=notice, ends=True, station=OuterRef("station"), command__in=done)
    return ours.annotate(ended=Exists(ended)).order_by("ended", "station")


def rows(notice: Notice, part: Iterable[Sending]) -> list[Row]:
    """What became of it at each of a page's stations."""
    sent = list(part)
    names = [each.station for each in sent]
    ends = dict(Sending.objects.filter(notice=notice, ends=True, station__in=names).values_list("station", "command"))
    asked = [each.command for each in sent] + list(ends.values())
    answers = {each.id: (each.outcome, each.reason) for each in Command.objects.filter(id__in=asked)}
    stations = {each.name: each for each in Station.objects.filter(name__in=names).select_related("site")}
    shown = BulletinShown.objects.filter(bulletin=notice.shown_as, station__in=names)
    times = dict(shown.order_by().values_list("station").annotate(times=Sum("times")))
    return [
        Row(
            station=stations[each.station],
            outcome=answers.get(each.command, ("", ""))[0],
            reason=answers.get(each.command, ("", ""))[1],
            times=times.get(each.station, 0),
            end=answers.get(ends.get(each.station, ""), ("", ""))[0],
            end_reason=answers.get(ends.get(each.station, ""), ("", ""))[1],
        )
        for each in sent
        if each.station in stations
    ]
