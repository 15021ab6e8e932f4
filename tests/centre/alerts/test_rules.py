"""What is an alert and what is none; when it goes up, and when it is over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from estation_central.alerts import rules, standing
from estation_central.alerts.rules import Finding, Kind, Observed, Week
from estation_central.alerts.standing import Hush, Name, Standing

NOW = datetime(2026, 11, 27, 4, 0, tzinfo=UTC)  # a Friday
COUNTY, PREFECTURE = "653101", "6531"
ABOVE = {COUNTY: (COUNTY, PREFECTURE, "")}
ALL = frozenset({COUNTY, PREFECTURE, ""})


def station(name: str = "hall-1", **words: Any) -> Observed:
    told = {"site": f"site-of-{name}", "county": COUNTY, "heard": NOW - timedelta(minutes=3)}
    return Observed(station=name, **(told | words))


def kinds(*stations: Observed, weeks: tuple[Week, ...] = (), seen: dict[int, datetime] | None = None) -> list[str]:
    return [f"{each.kind} {each.subject}" for each in rules.findings(stations, weeks, seen or {}, NOW)]


def days(number: float) -> datetime:
    return NOW - timedelta(days=number)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ({}, False),
        ({"heard": days(6.9)}, False),
        ({"heard": days(7)}, True),
        ({"heard": days(8), "told": days(1)}, False),  # a stick brought its records
        ({"heard": days(8), "due": False}, False),  # holidays
        ({"heard": None}, False),  # never fitted
        ({"heard": None, "told": days(44)}, False),
        ({"heard": None, "told": days(45)}, True),
        ({"heard": days(181)}, False),
    ],
)
def test_silent(words: dict[str, Any], *, told: bool) -> None:
    """A hall that says nothing for a week, or by stick for a month and a half, while it owes something."""
    assert kinds(station(**words)) == (["silent hall-1"] if told else [])


def test_a_county_that_goes_dark_is_one_alert_however_long_it_lasts() -> None:
    """Ten halls fell silent together: one message, after three days and after thirty; a village alone is no county."""
    for ago in (3, 30):
        halls = [station(f"hall-{n}", heard=days(ago)) for n in range(10)] + [station("hall-x"), station("hall-y")]
        assert kinds(*halls) == ["county-dark 653101"], ago
    far = [station(f"hall-{n}", heard=days(8)) for n in range(4)]
    assert kinds(*far) == [f"silent hall-{n}" for n in range(4)]
    half = [station(f"hall-{n}", heard=days(8)) for n in range(6)] + [station(f"well-{n}") for n in range(6)]
    assert kinds(*half) == [f"silent hall-{n}" for n in range(6)]


def test_in_a_dark_county_what_is_not_darkness_is_told_all_the_same() -> None:
    """A copied card is seen by its own light; what came by stick alone is silent by itself."""
    halls = [station(f"hall-{n}", heard=days(9)) for n in range(9)]
    halls[0] = msgspec.structs.replace(halls[0], mismatch=days(1))
    by_stick = station("bus-1", heard=None, told=days(50))
    assert kinds(*halls, by_stick) == ["cloned-card hall-0", "county-dark 653101", "silent bus-1"]


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ({"worn_percent": 79}, None),
        ({"worn_percent": 80}, Kind.CARD_WORN),
        ({"resets": 2}, None),
        ({"resets": 3}, Kind.RESETS),
        ({"said_at": NOW, "heard_at": NOW + timedelta(minutes=9)}, None),
        ({"said_at": NOW, "heard_at": NOW + timedelta(minutes=10)}, Kind.CLOCK_WRONG),
        ({"said_at": NOW + timedelta(hours=8), "heard_at": NOW}, Kind.CLOCK_WRONG),
        ({"said_at": NOW, "heard_at": None}, None),  # the broker's own copy says nothing of the clock
        ({"said_at": NOW, "brought_at": NOW + timedelta(days=30)}, None),  # a stick is under way for weeks
        ({"said_at": NOW + timedelta(minutes=9), "brought_at": NOW}, None),
        ({"said_at": NOW + timedelta(minutes=10), "brought_at": NOW}, Kind.CLOCK_WRONG),
        ({"said_at": days(900), "brought_at": NOW, "guessed": True}, Kind.CLOCK_WRONG),
        ({"mismatch": days(6.9)}, Kind.CLONED_CARD),
        ({"mismatch": days(7)}, None),
        ({"catalogue": 40}, None),
        ({"catalogue": 39}, Kind.LIBRARY_STALE),
        ({"catalogue": 0}, None),  # it holds none: it was provisioned a moment ago
    ],
)
def test_what_one_station_says(words: dict[str, Any], kind: Kind | None) -> None:
    """Each limit, from both sides."""
    seen = {40: days(30), 41: days(29)}
    assert kinds(station(**words), seen=seen) == ([f"{kind} hall-1"] if kind else [])


@pytest.mark.parametrize(
    ("network", "stick", "newer"),
    [
        ((None, None), (9, 8, False), True),  # never heard by network
        ((5, 5), (9, 8, False), False),  # heard since the stick was read
        ((8, 8), (9, 7, False), False),  # said before the network's, and read after it
        ((8, 8), (7.5, 7, False), True),
        ((8, None), (9, 7, False), False),  # the broker's own copy tells its hour alone
        ((8, None), (7, 7, False), True),
        ((-900, 8), (7, 6, False), True),  # the network's was ahead by years: what came cannot be said later
        ((8, 8), (9999, 7, True), True),  # its hour is a guess, and the network is silent since
        ((5, 5), (9999, 7, True), False),
    ],
)
def test_the_newest_word_of_a_box_wins(network: tuple, stick: tuple, newer: bool) -> None:  # noqa: FBT001 (as it is told above)
    """By network (the hour it told, the hour it came) or by stick (the same, and a guess): what was said last."""
    told, received, guessed = stick
    word = rules.Brought(told=days(told), received=days(received), guessed=guessed)
    hours = [None if ago is None else days(ago) for ago in network]
    assert rules.by_stick(*hours, word) == newer


def test_behind_by_friday() -> None:
    """On Friday the officer is told; before it is too early, and where the box is silent it is the box's alert."""
    week = Week(site="site-of-hall-1", county=COUNTY, week="2026-W48", weekday=5, unmet=True)
    assert kinds(station(), weeks=(week,)) == ["behind site-of-hall-1"]
    assert kinds(station(), weeks=(msgspec.structs.replace(week, weekday=4),)) == []
    assert kinds(station(), weeks=(msgspec.structs.replace(week, unmet=False),)) == []
    assert kinds(station(heard=days(8)), weeks=(week,)) == ["silent hall-1"]
    room = station("hall-2", site="site-of-hall-1")
    assert kinds(station(heard=days(8)), room, weeks=(week,)) == ["behind site-of-hall-1", "silent hall-1"]


def test_a_box_that_claims_a_library_of_its_own_makes_nobody_stale() -> None:
    """Published is what a twentieth of the stations hold, and never fewer than two."""
    halls = [station(f"hall-{n}", catalogue=40) for n in range(100)]
    assert rules.published([*halls, station("odd", catalogue=10**9)]) == 40
    assert rules.published([*halls, *(station(f"new-{n}", catalogue=41) for n in range(5))]) == 41
    assert rules.published([station(catalogue=7)]) == 0
    assert rules.published([]) == 0


FOUND = Finding(kind=Kind.SILENT, subject="hall-1", county=COUNTY, site="site-1", detail="7")


def passes(found: list[Finding], *hours: float, staffed: frozenset[str] = ALL, taken: float | None = None) -> list[str]:
    """The level after each pass."""
    known: dict[Name, Standing] = {}
    levels = []
    for hour in hours:
        now = NOW + timedelta(hours=hour)
        step = standing.step(found, known.values(), ABOVE, staffed, now)
        known |= {each.name: each for each in (*step.begun, *step.changed)}
        if taken is not None and hour >= taken:
            known = {name: msgspec.structs.replace(each, acknowledged=True) for name, each in known.items()}
        levels += [each.level for each in known.values()]
    return levels


def test_what_nobody_takes_up_goes_one_level_up() -> None:
    """After three days to the prefecture, after six to the whole network, and no further; taken up, it stays."""
    assert passes([FOUND], 0, 71, 72, 143, 144, 999) == [COUNTY, COUNTY, PREFECTURE, PREFECTURE, "", ""]
    assert passes([FOUND], 0, 71, 72, 999, taken=71) == [COUNTY] * 4


def test_a_level_where_nobody_is_told_is_passed_over() -> None:
    """A county without an address is the prefecture's from the first hour."""
    assert passes([FOUND], 0, 72, staffed=frozenset({PREFECTURE, ""})) == [PREFECTURE, ""]
    assert passes([FOUND], 0, 72, 999, staffed=frozenset({COUNTY})) == [COUNTY] * 3
    assert passes([FOUND], 0, 72, staffed=frozenset()) == [COUNTY] * 2


def test_over_and_back() -> None:
    """What comes back within six hours was not over, and is not told again; what comes later is a new alert."""
    one = standing.step([FOUND], [], ABOVE, ALL, NOW).begun[0]
    assert standing.step([], [one], ABOVE, ALL, NOW).over == (one.name,)
    gone = msgspec.structs.replace(one, over=NOW)
    assert standing.step([], [gone], ABOVE, ALL, NOW) == standing.Step()
    soon = standing.step([FOUND], [gone], ABOVE, ALL, NOW + timedelta(hours=5))
    assert (soon.begun, soon.changed) == ((), (one,))
    later = standing.step([FOUND], [gone], ABOVE, ALL, NOW + timedelta(hours=6))
    assert (len(later.begun), later.changed) == (1, ())


@pytest.mark.parametrize(
    ("hush", "quiet"),
    [
        ({}, True),
        ({"kind": "silent"}, True),
        ({"kind": "resets"}, False),
        ({"subject": "hall-1"}, True),
        ({"subject": "site-1"}, True),
        ({"subject": COUNTY}, True),
        ({"subject": "hall-2"}, False),
        ({"until": NOW}, False),
    ],
)
def test_silence(hush: dict[str, Any], *, quiet: bool) -> None:
    """A repair is known: of this hall, or of the whole county, nothing is told until it is done."""
    one = standing.step([FOUND], [], ABOVE, ALL, NOW).begun[0]
    rule = Hush(**({"until": NOW + timedelta(days=1)} | hush))
    assert standing.to_tell([one], [rule], NOW) == ([] if quiet else [one])
    for gone in ({"acknowledged": True}, {"over": NOW}):
        assert standing.to_tell([msgspec.structs.replace(one, **gone)], [], NOW) == []
