"""One visit of a stick, and the daily expansion: what comes in is verified, told and kept; nothing else changes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from estation_box.library import said, said_network
from estation_box.library.gallery import Gallery, tend
from estation_box.library.interfaces import (
    Cache,
    Documents,
    Listener,
    Registrar,
    Stick,
    StickError,
    Stock,
    Table,
    UnreadableError,
    Visit,
)
from estation_box.library.loading import Loading
from estation_box.library.receipt import Receipt, page, told
from estation_box.library.rules import Demand, Planned, planned_after, shown_soon, with_versions
from estation_box.library.said import Line
from estation_box.library.sync_words import Occasion, Progress, Synced
from estation_box.library.trust import NO_TIME, Trust
from estation_box.words import Said
from estation_wire import stick as layout
from estation_wire.bulletins import coming
from estation_wire.counts import week_of
from estation_wire.expansion import AHEAD, closures, expand, named
from estation_wire.hours import Hours
from estation_wire.library import Programme
from estation_wire.planner import LATE_AFTER, Slot, order
from estation_wire.profile import Profile
from estation_wire.values import CONTRACT_MAJOR
from estation_wire.versions import stand_ins, wanted

RUNS: Final = timedelta(hours=12)  # no session of one day is longer: what began before shows nothing any more
MAX_REASONS: Final = 20  # as many as the record `stick.seen` holds


class Parts(NamedTuple):
    """What a visit works with."""

    trust: Trust
    documents: Documents
    stock: Stock
    table: Table
    cache: Cache
    registrar: Registrar
    listener: Listener
    gallery: Gallery


class Told(NamedTuple):
    """How the plan stands: whether the table changed, what to say, and what of the catalogue is of use here."""

    changed: bool
    lines: tuple[Line, ...]
    demand: Demand | None = None


class Sync:
    """The work of one short-lived process. ``floor``: the time that it is at least (image, last saved)."""

    def __init__(self, parts: Parts, floor: datetime) -> None:
        self._parts = parts
        self._floor = max(floor, parts.trust.signed_time())

    def daily(self, source: Occasion, now: datetime) -> Synced:
        """Expand the rules again, with nothing new. Raises `CardError`."""
        plan = self._plan(now)
        return self._synced(source, plan.lines, 0, changed=plan.changed)

    def refuse(self, source: Occasion, sentence: Said) -> Synced:
        """Say why nothing was done."""
        return self._synced(source, (Line(ok=False, said=sentence),), 0)

    def stick(self, stick: Stick, now: datetime) -> Synced:
        """Take all that a stick offers and this box may have. Raises `CardError`.

        Whatever is the stick's fault is told, and what was there before stays.
        """
        parts = self._parts
        languages = parts.registrar.languages()
        parts.listener.progress(Progress(words=said.READING.to(languages)))
        changed, library_lines = self._refresh(stick)
        visit = parts.registrar.visit(stick, parts.documents.provisioners(), self._floor)
        languages = visit.languages or languages
        if visit.provisioned:  # a new station hears its county at once
            more, library_lines = self._refresh(stick)
            changed = changed or more
        plan = self._plan(now)
        before = [*library_lines, *plan.lines, *visit.lines]
        loading = self._loading(stick, plan.demand, languages, now)
        free = False  # the receipt first, then the word: who pulls the stick at it carries the receipt home
        if loading.week() and loading.left:
            failed = self._leave(stick, visit, [*before, *loading.lines()], now)
            free = not isinstance(failed, UnreadableError)
        if free:
            parts.listener.progress(Progress(words=said.READY.to(languages), ready=True))
        loading.rest(free=free)
        lines = [*before, *loading.lines()]
        if not (free and loading.copied.lost):
            parts.listener.progress(Progress(words=said.FINISHING.to(languages), fraction=1.0, ready=free))
            failed = self._leave(stick, visit, lines, now)
            if failed is not None and failed.said not in [line.said for line in lines]:
                lines.append(Line(ok=False, said=failed.said))
            free = free or not isinstance(failed, UnreadableError)
        tend(parts.gallery, stick, parts.table.posters())
        changed = changed or plan.changed or loading.copied.taken > 0
        synced = self._synced("stick", lines, loading.copied.taken, changed=changed)
        return msgspec.structs.replace(
            synced, provisioned=visit.provisioned, certified=visit.certified, ready=loading.ready and free
        )

    def network(self, source: Stick, now: datetime, *, videos: bool) -> Synced:
        """Take the documents that the library's server has and, where they may come, the videos. Raises `CardError`.

        Nothing is asked of provisioning, and nobody at the TV is told: it goes on beside what they watch.
        """
        changed, refreshed = self._refresh(source)
        plan = self._plan(now)
        lines = [*map(said_network.of_server, refreshed), *plan.lines]
        taken = 0
        if videos and not any(line.said in said_network.AWAY for line in lines):
            loading = self._loading(source, plan.demand, self._parts.registrar.languages(), now)
            loading.rest(free=loading.week())
            tend(self._parts.gallery, source, self._parts.table.posters())
            lines += loading.lines()
            taken = loading.copied.taken
        return self._synced("network", lines, taken, changed=changed or plan.changed or taken > 0)

    def _refresh(self, stick: Stick) -> tuple[bool, list[Line]]:
        try:
            profile = self._parts.registrar.profile()
            changed = self._parts.trust.refresh(stick, self._floor, profile.division if profile else "")
        except StickError as error:
            return False, [Line(ok=False, said=error.said)]
        self._floor = max(self._floor, self._parts.trust.signed_time())
        version = self._parts.documents.versions()[0]
        return changed, [Line(ok=True, said=said.LIBRARY_TAKEN.about(version=version))]

    def _plan(self, now: datetime) -> Told:
        """Work out the station's coming fortnight. What is past stays as it was planned, so that a miss is a miss."""
        parts = self._parts
        programme, profile = parts.documents.programme(), parts.registrar.profile()
        if programme is None or profile is None:
            return Told(changed=False, lines=())
        at = max(now, self._floor)
        zone = ZoneInfo(profile.timezone)
        closed = closures(programme, profile.place)
        hours = Hours(profile.calendar, zone, closed)
        after = planned_after(at, parts.table.planned_until(), hours.bounds(week_of(at, zone)).begin)
        until = at + AHEAD
        expanded = expand(
            programme, profile.place, hours, parts.stock.lengths(),
            after=after, until=until, minimum_seconds=profile.minimum.seconds,
        )  # fmt: skip
        bulletins = parts.documents.bulletins()
        told = coming(bulletins, profile.place, at, until) if bulletins else ()
        plan = Planned(after=after, until=until, slots=expanded.slots, closed=closed, bulletins=told)
        lines = tuple(Line(ok=False, said=said.RULE_BAD.about(rule=rule)) for rule, _ in expanded.refused)
        changed = parts.table.plan(plan)
        shown = tuple(content for bulletin in told for content in bulletin.contents)
        slots = parts.table.slots(at - LATE_AFTER, until)
        demand = demanded(profile, programme, slots, shown, hours=hours, now=at)
        return Told(changed=changed, lines=lines, demand=with_versions(demand, self._better(profile)))

    def _better(self, profile: Profile) -> dict[str, str]:
        """The versions that people here need, by their films."""
        films = self._parts.documents.with_versions() if profile.access else {}
        versions = self._parts.stock.items(tuple(stand_ins(films.values())))
        return wanted(films, versions, profile.access, profile.languages)

    def _loading(self, stick: Stick, demand: Demand | None, languages: tuple[str, ...], now: datetime) -> Loading:
        """The videos, by the catalogue that the box trusts, whatever became of the stick's own."""
        parts = self._parts
        at = max(now, self._floor)
        begun = parts.table.slots(at - RUNS, at)
        showing = frozenset(content for slot in begun for content in slot.contents)
        return Loading(
            stick, parts.stock, parts.cache, parts.listener, demand=demand, languages=languages, showing=showing
        )

    def _leave(self, stick: Stick, visit: Visit, lines: list[Line], now: datetime) -> StickError | None:
        """Leave request and receipt on the stick; the error where that fails."""
        if visit.folder is None:
            return None
        folder = layout.returned(visit.folder)
        zone = ZoneInfo(visit.timezone)
        try:
            if visit.request is not None:
                stick.write(f"{folder}/{layout.REQUEST}", visit.request)
                lines = [*lines, Line(ok=True, said=said.REQUEST_LEFT)]
            receipt = self._receipt(visit, lines, now)
            stick.write(f"{folder}/{layout.RECEIPT}", msgspec.json.encode(receipt))
            stick.write(f"{folder}/{layout.RECEIPT_PAGE}", page(receipt, zone).encode())
        except StickError as error:
            return error
        return None

    def _receipt(self, visit: Visit, lines: Iterable[Line], now: datetime) -> Receipt:
        catalogue, programme = self._parts.documents.versions()
        return Receipt(
            v=CONTRACT_MAJOR,
            station=visit.station or visit.folder or "",
            at=now,
            epoch=visit.epoch,
            catalogue=catalogue,
            programme=programme,
            held=len(self._parts.stock.holdings()),
            lines=told(lines),
        )

    def _synced(self, source: Occasion, lines: Iterable[Line], taken: int, *, changed: bool = False) -> Synced:
        languages = self._parts.registrar.languages()
        bad = [line.said.to(languages) for line in lines if not line.ok]
        catalogue, programme = self._parts.documents.versions()
        signed = self._parts.trust.signed_time()
        return Synced(
            source=source,
            taken=taken,
            refused=len(bad),
            reasons=tuple(dict.fromkeys(bad))[:MAX_REASONS],
            catalogue=catalogue,
            programme=programme,
            changed=changed,
            signed=signed if signed > NO_TIME else None,
        )


def demanded(
    profile: Profile, programme: Programme, slots: list[Slot], shown: tuple[str, ...], *, hours: Hours, now: datetime
) -> Demand:
    """What a station has a use for, by its table of ``slots`` and what its bulletins have ``shown``."""
    here = named(programme, profile.place)
    return Demand(
        this_week=tuple(shown_soon(slots, now, hours, profile.minimum.seconds)),
        due=(*order(slots, now), *shown),
        named=tuple(here),
        others=frozenset(named(programme)) - frozenset(here),
        minimum_seconds=profile.minimum.seconds,
    )
