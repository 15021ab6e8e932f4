"""One visit of a stick, and the daily expansion: what comes in is verified, told and kept; nothing else changes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from estation_box.library import said
from estation_box.library.content import Copied, Ingest, lines_of, title
from estation_box.library.interfaces import (
    Cache,
    Documents,
    Listener,
    Registrar,
    Stick,
    StickError,
    Stock,
    Table,
    Visit,
)
from estation_box.library.receipt import Receipt, page, told
from estation_box.library.rules import Planned, planned_after, to_copy
from estation_box.library.said import Line
from estation_box.library.sync_words import Occasion, Synced
from estation_box.library.trust import NO_TIME, Trust
from estation_wire import stick as layout
from estation_wire.bulletins import coming
from estation_wire.counts import week_of
from estation_wire.expansion import AHEAD, closures, expand, named, order
from estation_wire.hours import Hours
from estation_wire.planner import LATE_AFTER
from estation_wire.values import CONTRACT_MAJOR

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


class Told(NamedTuple):
    """How the plan stands: whether the table changed, and what to say."""

    changed: bool
    lines: tuple[Line, ...]


class Sync:
    """The work of one short-lived process. ``floor``: the time that it is at least (image, last saved)."""

    def __init__(self, parts: Parts, floor: datetime) -> None:
        self._parts = parts
        self._floor = max(floor, parts.trust.signed_time())

    def daily(self, source: Occasion, now: datetime) -> Synced:
        """Expand the rules again, with nothing new. Raises `CardError`."""
        plan = self._plan(now)
        return self._synced(source, plan.lines, Copied(), changed=plan.changed)

    def refuse(self, source: Occasion, sentence: said.Said) -> Synced:
        """Say why nothing was done."""
        return self._synced(source, (Line(ok=False, said=sentence),), Copied())

    def stick(self, stick: Stick, now: datetime) -> Synced:
        """Take all that a stick offers and this box may have. Raises `CardError`.

        Whatever is the stick's fault is told, and what was there before stays.
        """
        parts = self._parts
        languages = parts.registrar.languages()
        parts.listener.progress(said.READING.to(languages), 0.0)
        changed, library_lines = self._refresh(stick)
        visit = parts.registrar.visit(stick, parts.documents.provisioners(), self._floor)
        languages = visit.languages or languages
        if visit.provisioned:  # a new station hears its county at once
            more, library_lines = self._refresh(stick)
            changed = changed or more
        plan = self._plan(now)
        copied, content_lines = self._copy(stick, now, languages)
        parts.listener.progress(said.FINISHING.to(languages), 1.0)
        lines = [*library_lines, *plan.lines, *visit.lines, *content_lines]
        lines += self._leave(stick, visit, lines, now)
        synced = self._synced("stick", lines, copied, changed=changed or plan.changed or copied.taken > 0)
        return msgspec.structs.replace(synced, provisioned=visit.provisioned, certified=visit.certified)

    def _refresh(self, stick: Stick) -> tuple[bool, list[Line]]:
        try:
            profile = self._parts.registrar.profile()
            changed = self._parts.trust.refresh(stick, self._floor, profile.region if profile else "")
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
        return Told(changed=parts.table.plan(plan), lines=lines)

    def _copy(self, stick: Stick, now: datetime, languages: tuple[str, ...]) -> tuple[Copied, list[Line]]:
        """Copy by the catalogue that the box trusts, whatever became of the stick's own."""
        parts, stock = self._parts, self._parts.stock
        sizes = stock.contents()
        at = max(now, self._floor)
        programme = parts.documents.programme()
        planned = named(programme) if programme else []
        due = order(parts.table.slots(at - LATE_AFTER, at + AHEAD), at)
        ids = to_copy(sizes, due=due, planned=planned, held=stock.holdings())
        copied = Ingest(stick, stock, parts.cache, parts.listener, languages).run(ids, sizes)
        lacking = [content for content in copied.missing if content in planned]
        name = title(stock, lacking[0], languages) if lacking else ""
        held = len(stock.holdings())
        return copied, lines_of(copied, needed=planned, held=held, name=name)

    def _leave(self, stick: Stick, visit: Visit, lines: list[Line], now: datetime) -> list[Line]:
        """Leave request and receipt on the stick; lines where that fails."""
        if visit.folder is None:
            return []
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
            return [Line(ok=False, said=error.said)]
        return []

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

    def _synced(self, source: Occasion, lines: Iterable[Line], copied: Copied, *, changed: bool = False) -> Synced:
        languages = self._parts.registrar.languages()
        bad = [line.said.to(languages) for line in lines if not line.ok]
        catalogue, programme = self._parts.documents.versions()
        signed = self._parts.trust.signed_time()
        return Synced(
            source=source,
            taken=copied.taken,
            refused=len(bad),
            reasons=tuple(dict.fromkeys(bad))[:MAX_REASONS],
            catalogue=catalogue,
            programme=programme,
            changed=changed,
            signed=signed if signed > NO_TIME else None,
        )
