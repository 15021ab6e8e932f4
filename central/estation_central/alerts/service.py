"""One pass: look, decide, book; then tell those who were not told yet. The digest is one more message a day."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import translation
from msgspec import Struct

from estation_central.alerts import rules, standing, watching, wording
from estation_central.alerts.interfaces import Message, NotToldError, Post
from estation_central.alerts.models import Alert, AlertChannel, AlertSilence, AlertTold, CatalogueSeen
from estation_central.alerts.rules import Kind
from estation_central.alerts.standing import Hush, Name, Standing
from estation_central.alerts.watching import Seen
from estation_central.alerts.wording import Line
from estation_central.registry.models import Region, Site
from estation_central.stations.models import Station

_log = logging.getLogger("estation.alerts")


class Done(Struct, kw_only=True):
    """What a pass did."""

    begun: int = 0
    over: int = 0
    told: int = 0
    failed: int = 0


def run(post: Post, now: datetime) -> Done:
    """One pass at ``now``; nothing where another is under way."""
    done = Done()
    seen = watching.look(now)  # outside the transaction: SQLite's one writer is the collector
    with transaction.atomic():
        if not watching.lock():
            return done
        known = _catalogues(seen, now)
        found = rules.findings(seen.stations, seen.weeks, known, now)
        calm = Q(over=None) | Q(over__gte=now - standing.CALM_FOR)
        rows = {Name(Kind(row.kind), row.subject): row for row in Alert.objects.filter(calm).order_by("id")}
        step = standing.step(found, map(_standing, rows.values()), seen.tree.above, _staffed(), now)
        _book(step, rows, now)
        done.begun, done.over = len(step.begun), len(step.over)
    _tell(post, now, done)
    return done


def digest(post: Post, now: datetime) -> Done:
    """The day's message to every channel that has not had it: all that stands in its region, if anything does."""
    done = Done()
    hushes = _hushes(now)
    for channel in AlertChannel.objects.exclude(digest_sent=now.date()).select_related("region"):
        path = channel.region.path if channel.region is not None else ""
        counties = Region.objects.filter(path__startswith=path).values("code")
        rows = Alert.objects.filter(over=None) if not path else Alert.objects.filter(over=None, county__in=counties)
        lines = lines_of(_quiet_left_out(rows, hushes, now))
        if not lines or _send(post, channel, lines, done, daily=True):
            channel.digest_sent = now.date()
            channel.save(update_fields=["digest_sent"])
    return done


def _catalogues(seen: Seen, now: datetime) -> dict[int, datetime]:
    """Since when each catalogue is known as published; today's is noted."""
    known: dict[int, datetime] = dict(CatalogueSeen.objects.values_list("number", "since"))
    newest = rules.published(seen.stations)
    if newest > max(known, default=0):
        CatalogueSeen.objects.create(number=newest, since=now)
        known[newest] = now
    return known


def _staffed() -> frozenset[str]:
    return frozenset(code or "" for code in AlertChannel.objects.values_list("region__code", flat=True))


def _standing(row: Alert) -> Standing:
    return Standing(
        name=Name(Kind(row.kind), row.subject),
        county=row.county,
        site=row.site,
        detail=row.detail,
        level=row.level,
        level_since=row.level_since,
        acknowledged=row.acknowledged is not None,
        over=row.over,
    )


def _book(step: standing.Step, rows: Mapping[Name, Alert], now: datetime) -> None:
    for each in step.begun:
        Alert.objects.create(kind=each.name.kind, subject=each.name.subject, began=now, **_words(each))
    for each in step.changed:
        Alert.objects.filter(pk=rows[each.name].pk).update(over=None, **_words(each))
    Alert.objects.filter(pk__in=[rows[name].pk for name in step.over]).update(over=now)


def _words(each: Standing) -> dict[str, object]:
    return {name: getattr(each, name) for name in ("county", "site", "detail", "level", "level_since")}


def _tell(post: Post, now: datetime, done: Done) -> None:
    """Tell each channel what stands at its level and it was not told of there; one message for all of it."""
    hushes = _hushes(now)
    for channel in AlertChannel.objects.filter(daily=False).select_related("region"):
        level = channel.region.code if channel.region is not None else ""
        told = AlertTold.objects.filter(channel=channel, level=level).values("alert")
        rows = _quiet_left_out(Alert.objects.filter(over=None, level=level).exclude(pk__in=told), hushes, now)
        if rows and _send(post, channel, lines_of(rows), done, daily=False):
            told_now = [AlertTold(alert=row, channel=channel, level=level) for row in rows]
            AlertTold.objects.bulk_create(told_now, ignore_conflicts=True)


def _hushes(now: datetime) -> list[Hush]:
    rows = AlertSilence.objects.filter(until__gt=now)
    return [Hush(until=row.until, kind=row.kind, subject=row.subject) for row in rows]


def _quiet_left_out(rows: Iterable[Alert], hushes: Sequence[Hush], now: datetime) -> list[Alert]:
    by_name = {Name(Kind(row.kind), row.subject): row for row in rows}
    return [by_name[each.name] for each in standing.to_tell(map(_standing, by_name.values()), hushes, now)]


def lines_of(rows: Sequence[Alert], *, ordered: bool = True) -> list[Line]:
    """The alerts with the names of their subjects; ``ordered``: the worst kind first."""
    subjects = [row.subject for row in rows]
    titles: dict[str, str] = {}
    for table, key, name in ((Region, "code", "name"), (Site, "code", "title"), (Station, "name", "title")):
        titles.update(table._default_manager.filter(**{f"{key}__in": subjects}).values_list(key, name))  # noqa: SLF001 (Django's documented word)
    order = list(Kind)
    told = [
        Line(kind=Kind(row.kind), subject=row.subject, title=titles.get(row.subject, row.subject), detail=row.detail)
        for row in rows
    ]
    return sorted(told, key=lambda line: (order.index(line.kind), line.subject)) if ordered else told


def _send(post: Post, channel: AlertChannel, lines: Sequence[Line], done: Done, *, daily: bool) -> bool:
    with translation.override(channel.language):
        subject = wording.subject_of_digest(lines) if daily else wording.subject_of_new(lines)
        message = Message(
            subject=subject,
            body=wording.body(lines),
            about=tuple((line.kind.value, line.subject) for line in lines),
            mail=channel.mail,
            hook=channel.hook,
            secret=channel.secret,
        )
    try:
        post.send(message)
    except NotToldError as error:
        done.failed += 1
        _log.warning("channel %d was not told: %s; tried again at the next pass", channel.pk, error)
        return False
    done.told += 1
    return True
