from __future__ import annotations

from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest

from estation_box.programme.service import Programme
from estation_wire.library import Item, Topic
from estation_wire.planner import LATE_AFTER, Slot
from estation_wire.profile import Centre, Profile, Site
from estation_wire.records import SessionStarted
from estation_wire.values import Origin, Trust
from tests.playout.values import START, moment

HELD, GONE = "a" * 64, "d" * 64


class TableShelf:
    """A shelf with a table of slots in memory: what sync would have written."""

    def __init__(self, *slots: Slot) -> None:
        self.table = list(slots)
        self.looks = 0

    def slots(self, after, until):
        self.looks += 1
        return [slot for slot in self.table if after <= slot.start < until]

    def items(self, ids):
        known = Item(
            id=HELD, size=9, kind="video", titles={"en": "Seeds"}, seconds=10.0, topic=Topic.RURAL, counts=True
        )
        return {one: known for one in ids if one == HELD}

    def held(self, content_id):
        return Path("/cache") / content_id if content_id == HELD else None

    def series_titles(self, series):
        return {"zh-Hans": "科普天地", "en": "World of science"} if series == "world" else {}


def slot(seconds: float, rule: str = "weekly", **changes) -> Slot:
    return Slot(**{"rule": rule, "start": START + timedelta(seconds=seconds), "contents": (HELD, GONE), **changes})


def profile() -> Profile:
    return Profile(
        v=1,
        station="hall-0007",
        region="653101",
        site=Site(id="village-7", kind="village", name="七村"),
        name="七村文化室",
        timezone="Asia/Urumqi",
        centre=Centre(host="localhost", authority="-"),
        epoch=1,
        not_after=START + timedelta(days=60),
    )


@pytest.fixture
def shelf() -> TableShelf:
    return TableShelf(slot(30))


@pytest.fixture
def programme(shelf) -> Programme:
    numbers = count(1)
    made = Programme(shelf, lambda: f"{next(numbers):032x}")
    made.provisioned(profile())
    return made


def test_a_clock_that_is_a_guess_starts_nothing_and_says_so(programme):
    plan = programme.next(moment(0, trust=Trust.GUESS))
    assert plan.slot is None
    assert "guess" in plan.why


def test_a_box_without_a_profile_asks_for_a_stick(shelf):
    plan = Programme(shelf, lambda: "0" * 32).next(moment())
    assert plan.slot is None
    assert "stick" in plan.why


def test_the_next_session_is_found_as_soon_as_the_time_is_known(programme):
    programme.next(moment(0, trust=Trust.GUESS))
    assert programme.next(moment(0)).slot == slot(30)


def test_a_session_that_was_begun_is_not_begun_again(programme, shelf):
    found = programme.next(moment(30)).slot
    programme.begun(programme.show_of(found))
    assert programme.next(moment(31)).slot is None


def test_a_core_that_was_killed_after_a_short_session_does_not_start_it_again(programme):
    """The journal remembers what was begun, so a restart within the minute of grace repeats nothing."""
    begun = SessionStarted(
        seq=1, at=START, boot="b" * 32, up=1.0, trust=Trust.NETWORK, session="1" * 32,
        origin=Origin.PLANNED, rule="weekly", planned=START + timedelta(seconds=30),
    )  # fmt: skip
    programme.remember([begun])
    assert programme.next(moment(35)).slot is None


def test_a_session_missed_by_more_than_the_grace_is_not_started_late(programme):
    assert programme.next(moment(30.1 + LATE_AFTER.total_seconds())).slot is None


def test_the_table_is_read_once_a_minute_and_at_every_change(programme, shelf):
    for second in range(50):
        programme.next(moment(second / 10))
    assert shelf.looks == 1
    shelf.table = [slot(90, rule="new")]
    programme.changed()
    assert programme.next(moment(6)).slot.rule == "new"
    programme.next(moment(70))
    assert shelf.looks == 3


def test_a_session_is_made_of_what_is_held(programme):
    """A film that did not come with the stick is left out; the others are shown."""
    show = programme.show_of(slot(30, series="world"))
    assert [clip.content for clip in show.clips] == [HELD]
    assert (show.series, show.rule, show.origin) == ("科普天地", "weekly", Origin.PLANNED)
    assert programme.show_now((HELD,), Origin.KEEPER).origin is Origin.KEEPER
