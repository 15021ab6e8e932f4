"""What is copied, and in which order; how fast, and how long still. Values alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estation_box.library.pace import MOST_BYTES_PER_SECOND, MOST_SECONDS, Speed
from estation_box.library.rules import Demand, cheapest, shown_soon, to_copy
from estation_wire.hours import Calendar, Hours
from estation_wire.planner import FILL_MARGIN, Length, Slot

WEDNESDAY = datetime(2026, 11, 25, 12, tzinfo=UTC)
HOURS = Hours(Calendar(), ZoneInfo("Asia/Shanghai"), {})
MB = 1_000_000


def slot(hours: float, *contents: str) -> Slot:
    return Slot(
        rule="evening", start=WEDNESDAY + timedelta(hours=hours), contents=contents, series="", priority=5,
        length=600.0, counting=600.0, yields_to="",
    )  # fmt: skip


def lengths(**counting: float) -> dict[str, Length]:
    return {content: Length(seconds or 60.0, seconds) for content, seconds in counting.items()}


def test_this_week_is_what_is_still_to_come_before_monday():
    """The next session's films first; what next week shows has time."""
    slots = [slot(90, "c"), slot(24 * 7, "late"), slot(1, "a", "b"), slot(30, "b")]
    assert shown_soon(slots, WEDNESDAY, HOURS, 600) == ["a", "b", "c"]


def test_on_a_sunday_night_the_week_is_the_next_one():
    """Whoever loads a box when the week is over wants a Monday that plays."""
    assert shown_soon([slot(24 * 7, "next")], WEDNESDAY, HOURS, 600) == ["next"]
    assert shown_soon([slot(24 * 14, "far")], WEDNESDAY, HOURS, 600) == []


def test_the_order_is_week_make_up_due_named_and_what_else_counts():
    """Each film once; nothing that is held, that no catalogue names, or that is meant for other places alone."""
    films = lengths(week=300, held=100, make=900, due=60, named=60, rest=60, still=0, other=600)
    sizes = dict.fromkeys(films, MB) | {"make": 2 * MB}
    demand = Demand(
        this_week=("week", "unknown"), due=("week", "due"), named=("named", "held"), others=frozenset({"other"}),
        minimum_seconds=600,
    )  # fmt: skip
    order = to_copy(sizes, films, demand, held=frozenset({"held"}))
    assert order.first == ("week", "make")
    assert order.rest == ("due", "named", "rest")


def test_what_the_source_could_not_give_is_replaced_for_make_ups():
    """Where the cheapest film for a make-up is broken on the stick, another one is taken."""
    films = lengths(small=700, big=700)
    sizes = {"small": MB, "big": 5 * MB}
    demand = Demand(minimum_seconds=600)
    assert to_copy(sizes, films, demand, held=frozenset()).first == ("small",)
    assert to_copy(sizes, films, demand, held=frozenset(), absent=frozenset({"small"})).first == ("big",)


def test_a_box_that_holds_enough_wants_no_film_for_make_ups():
    """Nothing comes before the word that the week does not need."""
    films = lengths(held=700, spare=700)
    order = to_copy(dict.fromkeys(films, MB), films, Demand(minimum_seconds=600), held=frozenset({"held"}))
    assert order == ((), ("spare",))


def test_one_film_alone_is_taken_where_it_costs_less():
    """Two films with a better rate are not fetched where one smaller film is enough."""
    films = {"a": (10, 10.0), "b": (10, 10.0), "alone": (15, 12.0)}
    assert cheapest(films, 12.0) == ("alone",)


def test_a_film_that_proves_superfluous_is_left_out():
    """The small ones that were taken first are dropped where the last one makes them needless."""
    assert cheapest({"a": (1, 2.0), "b": (10, 19.0), "c": (30, 40.0)}, 40.0) == ("c",)
    assert set(cheapest({"a": (4, 8.0), "b": (10, 19.0), "c": (30, 40.0)}, 59.0)) == {"b", "c"}


@given(
    st.dictionaries(st.text("abcdef", min_size=1, max_size=3), st.tuples(st.integers(1, 10**9), st.floats(1, 3600))),
    st.floats(-10, 20_000),
)
def test_what_is_chosen_lasts(films: dict[str, tuple[int, float]], seconds: float):
    """The films last for what is wanted, or none is fetched for it; and no one of them could be left out."""
    chosen = cheapest(films, seconds)
    lasting = sum(films[content][1] for content in chosen)
    if seconds <= 0 or sum(length for _, length in films.values()) < seconds:
        assert chosen == ()
    else:
        assert lasting * (1 + 1e-9) >= seconds


def test_the_margin_is_the_one_of_make_ups():
    """Films for a make-up that would be told short by a second are not enough."""
    films = lengths(exact=600.0, more=600.0 * FILL_MARGIN)
    order = to_copy({"exact": 1, "more": 2}, films, Demand(minimum_seconds=600), held=frozenset())
    assert order.first == ("more",)


def test_no_speed_is_told_before_there_is_one():
    """Of the first moments nothing is said."""
    speed = Speed()
    assert (speed.per_second, speed.seconds_left(MB)) == (0, 0)
    speed.moved(MB, 0.5)
    assert speed.per_second == 0


def test_the_speed_is_that_of_the_last_ten_seconds():
    """A stick that becomes slow is told slow, and a card that flushes for a second is not."""
    speed = Speed()
    for _ in range(40):
        speed.moved(10 * MB, 0.5)
    assert speed.per_second == pytest.approx(20 * MB, rel=0.1)
    speed.moved(0, 1.0)
    assert speed.per_second > 17 * MB
    for _ in range(20):
        speed.moved(MB, 1.0)
    assert speed.per_second == pytest.approx(MB, rel=0.2)
    assert speed.seconds_left(60 * MB) == pytest.approx(60, rel=0.2)
    assert speed.seconds_left(0) == 1


def test_the_figures_have_bounds():
    """Nothing that core must refuse is ever told."""
    speed = Speed()
    speed.moved(10**15, 1.0)
    assert speed.per_second == MOST_BYTES_PER_SECOND
    slow = Speed()
    slow.moved(1, 1.0)
    assert slow.seconds_left(10**12) == MOST_SECONDS
    slow.moved(5, -3.0)
    assert slow.per_second >= 1
