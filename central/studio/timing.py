"""An editor's rules and notices as they are published: VEVENTs with what is moved, content ids for words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from estation_wire.audience import Audience
from estation_wire.bulletins import Bulletin
from estation_wire.library import Closure, Rule

if TYPE_CHECKING:  # the list of faults there asks how long an event becomes
    from studio.source import AudienceSource, BulletinSource, ClosureSource, RuleSource

MAX_EVENT: Final = 8192  # characters; `Rule.event` takes no more
_STAMP: Final = "%Y%m%dT%H%M%S"


def event_of(rule: RuleSource) -> str:
    """The VEVENTs of a rule whose time zone there is."""
    tzid = f"TZID={rule.timezone}"
    head = [f"UID:{rule.id}", f"DTSTAMP:{rule.start.replace(tzinfo=ZoneInfo(rule.timezone)).astimezone(UTC):{_STAMP}}Z"]
    lines = ["BEGIN:VEVENT", *head, f"DTSTART;{tzid}:{rule.start:{_STAMP}}"]
    if rule.rrule:
        lines.append(f"RRULE:{rule.rrule}")
    if rule.exdates:
        lines.append(f"EXDATE;{tzid}:" + ",".join(f"{day:{_STAMP}}" for day in rule.exdates))
    lines.append("END:VEVENT")
    for moved in rule.moved:
        times = [f"RECURRENCE-ID;{tzid}:{moved.old:{_STAMP}}", f"DTSTART;{tzid}:{moved.new:{_STAMP}}"]
        lines += ["BEGIN:VEVENT", *head, *times, "END:VEVENT"]
    return "\r\n".join(lines)


def audience_of(audience: AudienceSource) -> Audience:
    """The audience as it is published."""
    return Audience(
        kinds=audience.kinds,
        regions=audience.regions,
        languages=audience.languages,
        topics=audience.topics,
        trades=audience.trades,
    )


def closure_of(closure: ClosureSource) -> Closure:
    """The closed week as it is published."""
    return Closure(week=closure.week, reason=closure.reason, audience=audience_of(closure.audience))


def rule_of(rule: RuleSource, contents: tuple[str, ...]) -> Rule:
    """The rule as it is published, with the content ids of its items."""
    return Rule(
        id=rule.id,
        event=event_of(rule),
        timezone=rule.timezone,
        contents=contents,
        playlist=rule.playlist,
        take=rule.take,
        rotate=rule.rotate,
        series=rule.series,
        priority=rule.priority,
        audience=audience_of(rule.audience),
        valid_from=rule.valid_from,
        valid_until=rule.valid_until,
    )


def bulletin_of(source: BulletinSource, contents: Mapping[str, str]) -> Bulletin:
    """The notice as it is published; items that could not be published are left out."""
    return Bulletin(
        id=source.id,
        priority=source.priority,
        titles=source.titles,
        issued=source.issued,
        not_after=source.not_after,
        texts=source.texts,
        contents=tuple(contents[word] for word in source.items if word in contents),
        seconds=source.seconds,
        every_minutes=source.every_minutes,
        link=source.link,
        wakes=source.wakes,
        audience=audience_of(source.audience),
    )
