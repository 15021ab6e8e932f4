"""Room on a full card: what is needed less gives way to what is needed more, and nothing goes round in circles."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from estation_box.library.eviction import Need, needs, victims
from estation_box.library.rules import Demand, to_copy
from estation_wire.planner import FILL_MARGIN, Length

LONG = Length(600.0, 600.0)


def test_what_a_film_is_needed_for():
    """Due before named, named before what only a made-up session would show, and that before what nobody can show."""
    sizes = dict.fromkeys(("week", "due", "named", "spare", "others", "still"), 10)
    lengths = dict.fromkeys(sizes, LONG) | {"still": Length(10.0, 0.0)}
    demand = Demand(
        this_week=("week",), due=("due", "nowhere"), named=("named", "due"), others=frozenset({"others"}),
        minimum_seconds=60,
    )  # fmt: skip
    assert needs(lengths, demand, sizes, {"week", "spare"}) == {
        "week": Need.DUE,
        "due": Need.DUE,
        "named": Need.NAMED,
        "spare": Need.SPARE,
        "others": Need.USELESS,
        "still": Need.USELESS,
    }


def test_a_made_up_session_stays_possible():
    """Of the films that nobody planned the fewest bytes that last for a made-up session stay, whatever else goes."""
    sizes = {"large": 900, "small": 100, "short": 1}
    lengths = {"large": LONG, "small": LONG, "short": Length(5.0, 5.0)}
    demand = Demand(minimum_seconds=500)
    assert needs(lengths, demand, sizes, sizes) == {"large": Need.SPARE, "small": Need.DUE, "short": Need.SPARE}
    enough = needs(lengths, Demand(minimum_seconds=500, due=("large",)), sizes, sizes)
    assert (enough["large"], enough["small"]) == (Need.DUE, Need.SPARE)


def test_where_all_together_are_too_short_none_of_them_goes():
    """Half a made-up session is not thrown away for the other half."""
    sizes = {"one": 10, "two": 20}
    demand = Demand(minimum_seconds=5000)
    assert set(needs(dict.fromkeys(sizes, LONG), demand, sizes, sizes).values()) == {Need.DUE}


def test_what_has_no_length_is_of_no_use():
    """A catalogue's row without a length makes no made-up session."""
    assert needs({}, Demand(minimum_seconds=1), {"odd": 5}, {"odd"}) == {"odd": Need.USELESS}


FILES = {"gone": 5, "useless": 50, "spare": 40, "larger": 60, "named": 30, "due": 100}
NEEDED = {
    "useless": Need.USELESS, "spare": Need.SPARE, "larger": Need.SPARE, "named": Need.NAMED, "due": Need.DUE,
}  # fmt: skip


@pytest.mark.parametrize(
    ("need", "short", "chosen"),
    [
        (Need.DUE, 1, ("gone",)),
        (Need.DUE, 50, ("useless",)),  # what is gone proves superfluous
        (Need.DUE, 100, ("useless", "larger")),
        (Need.DUE, 185, ("gone", "useless", "larger", "spare", "named")),
        (Need.DUE, 186, ()),  # what is due never gives way
        (Need.NAMED, 155, ("gone", "useless", "larger", "spare")),
        (Need.NAMED, 156, ()),  # nor anything for what is needed alike
        (Need.SPARE, 56, ()),
        (Need.GONE, 1, ()),
        (Need.DUE, 0, ()),
    ],
)
def test_who_gives_way(need: Need, short: int, chosen: tuple[str, ...]):
    """First what nobody offers, then what is needed least; the largest first, and nothing for nothing."""
    assert victims(FILES, NEEDED, need, short) == chosen


class Library(NamedTuple):
    """A catalogue, what a station needs of it, and a card."""

    sizes: dict[str, int]
    lengths: dict[str, Length]
    demand: Demand
    held: frozenset[str]
    room: int


@st.composite
def libraries(draw: st.DrawFn) -> Library:
    ids = [f"film-{number}" for number in range(draw(st.integers(1, 9)))]
    sizes = {content: draw(st.integers(1, 50)) for content in ids}
    lengths = {content: Length(30.0, draw(st.sampled_from([0.0, 10.0, 30.0]))) for content in ids}
    some = st.lists(st.sampled_from(ids), unique=True, max_size=4).map(tuple)
    due, named = draw(some), draw(some)
    others = frozenset(draw(some)) - {*due, *named}
    demand = Demand(
        this_week=due[:2], due=due, named=named, others=others, minimum_seconds=draw(st.integers(0, 90))
    )  # fmt: skip
    held = frozenset(draw(some))
    return Library(sizes, lengths, demand, held, draw(st.integers(0, 120)))


def visit(library: Library, held: frozenset[str], room: int) -> tuple[frozenset[str], int]:
    """One stick that has everything, by the rules alone: as `Loading` and `Room` do it."""
    tried: set[str] = set()

    def one(content: str, *, first: bool) -> None:
        nonlocal held, room
        tried.add(content)
        needed = needs(library.lengths, library.demand, library.sizes, held)
        need = Need.DUE if first else needed[content]
        files = {each: library.sizes[each] for each in held}
        gone = victims(files, needed, need, library.sizes[content] - room)
        assert all(needed[each] < need for each in gone)
        assert not any(each in library.demand.due for each in gone)
        held -= set(gone)
        room += sum(library.sizes[each] for each in gone)
        if library.sizes[content] <= room:
            held, room = held | {content}, room - library.sizes[content]

    def order():
        return to_copy(library.sizes, library.lengths, library.demand, held=held, absent=frozenset(tried - held))

    while fresh := [each for each in order().first if each not in tried]:
        for content in fresh:
            one(content, first=True)
    for content in [each for each in order().rest if each not in tried]:
        one(content, first=False)
    return held, room


@settings(max_examples=300, deadline=None, derandomize=True)
@given(libraries())
def test_sticks_that_come_again_change_nothing(library: Library):
    """The same stick week after week: after a few visits the card is as it was, and what is due is never given up."""
    held, room = library.held, library.room
    seen = []
    for _ in range(6):
        before = held
        held, room = visit(library, held, room)
        assert held >= before & set(library.demand.due)
        lasts = sum(library.lengths[each].counting for each in before - library.demand.others)
        if lasts >= library.demand.minimum_seconds * FILL_MARGIN:
            assert sum(library.lengths[each].counting for each in held) >= library.demand.minimum_seconds * FILL_MARGIN
        seen.append(held)
    assert seen[-1] == seen[-2]
