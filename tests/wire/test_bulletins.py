"""Which notices a station may be shown, and which is due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from estation_wire.audience import Audience, Place
from estation_wire.bulletins import Bulletin, Bulletins, coming, due
from estation_wire.errors import MalformedError
from estation_wire.library import decode_document
from estation_wire.values import Trust
from tests.support.wire_values import of_type, steady

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
MOMENT = timedelta(microseconds=1)
PLACE = Place(kind="village", region="653121")
SURE = [trust for trust in Trust if trust is not Trust.GUESS]


def bulletin(name: str = "flood", issued: datetime = NOW, **changes) -> Bulletin:
    given = {"id": name, "priority": "emergency", "titles": {"en": name}, "issued": issued} | changes
    return Bulletin(**given)


def listed(*bulletins: Bulletin) -> Bulletins:
    return Bulletins(v=1, version=1, bulletins=bulletins)


@steady
@given(of_type(Bulletins))
def test_the_document_comes_back_as_it_was_published(document):
    assert decode_document(Bulletins, msgspec.json.encode(document)) == document


@pytest.mark.parametrize("year", ["0001", "9999"])
def test_an_instant_that_no_clock_can_mean_is_refused(year):
    raw = msgspec.json.encode(listed(bulletin())).replace(b"2026", year.encode())
    with pytest.raises(MalformedError, match="years"):
        decode_document(Bulletins, raw)


def test_the_coming_bulletins_are_those_of_the_place_and_the_time():
    """What is over, what comes later than the plan reaches, and what is for others stays out; the oldest is first."""
    until = NOW + 14 * DAY
    document = listed(
        bulletin("second", NOW - DAY),
        bulletin("first", NOW - 2 * DAY, not_after=NOW + MOMENT),
        bulletin("over", NOW - 2 * DAY, not_after=NOW),
        bulletin("last", until - MOMENT),
        bulletin("later", until),
        bulletin("schools", NOW - DAY, audience=Audience(kinds=("school",))),
        bulletin("normal", NOW - DAY, priority="normal"),
    )
    assert [each.id for each in coming(document, PLACE, NOW, until)] == ["first", "normal", "second", "last"]


@pytest.mark.parametrize("trust", SURE)
def test_an_emergency_is_due_from_its_issue_to_its_end(trust):
    """From the very instant on, and not one moment longer."""
    flood = bulletin(issued=NOW, not_after=NOW + DAY)
    times = {NOW - MOMENT: None, NOW: flood, NOW + DAY - MOMENT: flood, NOW + DAY: None}
    assert {at: due([flood], {}, at, trust) for at in times} == times
    endless = bulletin(issued=NOW)
    assert due([endless], {}, NOW + 400 * DAY, trust) == endless


def test_only_an_emergency_interrupts():
    assert due([bulletin(priority="urgent"), bulletin(priority="normal")], {}, NOW, Trust.NETWORK) is None


def test_what_was_shown_is_shown_again_only_as_often_as_it_asks():
    """A notice without a repeat is shown once; one with a repeat waits its minutes."""
    once, often = bulletin("once"), bulletin("often", every_minutes=30)
    shown = {"once": NOW, "often": NOW}
    assert due([once, often], shown, NOW + 30 * MINUTE - MOMENT, Trust.RTC) is None
    assert due([once, often], shown, NOW + 30 * MINUTE, Trust.RTC) == often


def test_the_newest_is_shown_first_and_the_older_after_it():
    """Of two that are due the newest goes first; the older is not forgotten."""
    old, new = bulletin("old", NOW - DAY), bulletin("new", NOW)
    assert due([new, old], {}, NOW, Trust.STICK) == due([old, new], {}, NOW, Trust.STICK) == new
    assert due([old, new], {"new": NOW}, NOW, Trust.STICK) == old
    assert due([old, new], {"new": NOW, "old": NOW}, NOW, Trust.STICK) is None


def test_two_of_the_same_instant_are_settled_by_name():
    """Two boxes in one hall show the same."""
    a, b = bulletin("a"), bulletin("b")
    assert due([a, b], {}, NOW, Trust.RTC) == due([b, a], {}, NOW, Trust.RTC) == b


def test_a_box_that_does_not_know_the_time_shows_only_what_never_ends_and_once():
    """An old flood warning must not come back on a box that woke up in 1970."""
    ending, endless = bulletin("ending", not_after=NOW + DAY), bulletin("endless", NOW - DAY, every_minutes=5)
    woke = datetime(1970, 1, 1, tzinfo=UTC)
    assert due([ending, endless], {}, woke, Trust.GUESS) == endless
    assert due([ending, endless], {"endless": woke}, woke + 60 * MINUTE, Trust.GUESS) is None


@steady
@given(
    st.lists(
        st.builds(
            lambda name, issued, lasts, every, priority: bulletin(
                name,
                NOW + issued * MINUTE,
                not_after=None if lasts is None else NOW + (issued + lasts) * MINUTE,
                every_minutes=every,
                priority=priority,
            ),
            st.sampled_from("abcdef"),
            st.integers(-30, 30),
            st.none() | st.integers(1, 30),
            st.sampled_from([0, 1, 5]),
            st.sampled_from(["emergency", "urgent"]),
        ),
        max_size=5,
        unique_by=lambda each: each.id,
    ),
    st.sampled_from(SURE),
)
def test_minute_by_minute_nothing_is_forgotten_and_nothing_nags(bulletins, trust):
    """Looked at each minute, every emergency is shown while it stands, and never sooner again than it asks."""
    shown: dict[str, datetime] = {}
    times: dict[str, list[datetime]] = {}
    for number in range(-40, 80):
        at = NOW + number * MINUTE
        while (each := due(bulletins, shown, at, trust)) is not None:
            assert each.priority == "emergency"
            assert each.issued <= at
            assert each.not_after is None or at < each.not_after
            shown[each.id] = at
            times.setdefault(each.id, []).append(at)
    for each in bulletins:
        told = times.get(each.id, [])
        assert bool(told) == (each.priority == "emergency")
        gaps = {later - sooner for sooner, later in pairwise(told)}
        assert gaps <= {each.every_minutes * MINUTE}
