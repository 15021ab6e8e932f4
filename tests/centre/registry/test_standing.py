"""Whose a week of a station is, whatever way it went."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from estation_central.registry.standing import EVER, STILL, Placed, Stay, stood
from estation_central.stations.reopening import monday_of
from estation_wire.counts import week_of
from tests.support.wire_values import steady

SHANGHAI = ZoneInfo("Asia/Shanghai")
WEDNESDAY = datetime(2026, 11, 25, 4, tzinfo=UTC)  # 2026-W48


def placed(*moves: tuple[str, datetime | None]) -> list[Placed]:
    return [Placed(site, SHANGHAI, began) for site, began in moves]


def test_the_week_of_a_move_is_the_new_sites() -> None:
    """What was shown on Monday in a school that was merged on Wednesday counts for the one that took over."""
    found = stood(placed(("old", None), ("new", WEDNESDAY)))
    assert found.stays == (Stay("old", EVER, "2026-W47"), Stay("new", "2026-W48", STILL))
    assert [found.site(week) for week in ("2026-W47", "2026-W48", "2026-W49")] == ["old", "new", "new"]


def test_a_slip_that_was_mended_in_the_same_week_leaves_nothing_behind() -> None:
    """Placed in the wrong hall in the morning and in the right one at noon: the wrong one never had it."""
    noon = WEDNESDAY + timedelta(hours=2)
    assert stood(placed(("wrong", WEDNESDAY), ("right", noon))).stays == (Stay("right", EVER, STILL),)
    assert stood(placed(("home", None), ("away", WEDNESDAY), ("home", noon))).stays == (Stay("home", EVER, STILL),)


def test_since_when_the_registry_itself_says_so() -> None:
    """A new room is known from its first day; of one from before the registry nobody asks."""
    assert stood(placed(("hall", WEDNESDAY))) == ((Stay("hall", EVER, STILL),), "2026-W48")
    assert stood(placed(("hall", None))).since == EVER


def test_a_sunday_night_belongs_to_the_clock_of_the_place() -> None:
    """At 23:30 in Urumqi it is Monday in Shanghai: each begins with its own week."""
    sunday = datetime(2026, 11, 29, 17, 30, tzinfo=UTC)
    for zone, week in (("Asia/Urumqi", "2026-W48"), ("Asia/Shanghai", "2026-W49")):
        found = stood([Placed("old", SHANGHAI, None), Placed("new", ZoneInfo(zone), sunday)])
        assert found.stays[-1].first == week


MOVES = st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 60 * 24)), min_size=1, max_size=8)


@steady
@given(MOVES, st.sampled_from(["told", "from before"]))
def test_every_week_is_one_sites(moves: list[tuple[str, int]], first: str) -> None:
    """Whatever the history: no week is of two sites or of none, and each is of the site where it ended."""
    times = sorted(WEDNESDAY + timedelta(hours=hours) for _, hours in moves)
    history = placed(*((site, began) for (site, _), began in zip(moves, times, strict=True)))
    if first == "from before":
        history[0] = history[0]._replace(began=None)
    found = stood(history)
    for number in range(-3, 14):
        week = week_of(WEDNESDAY + timedelta(weeks=number), SHANGHAI)
        over = monday_of(week, SHANGHAI) + timedelta(days=7)
        before = [each.site for each in history if each.began is None or each.began < over]
        assert [stay.site for stay in found.stays if stay.holds(week)] == [found.site(week)]
        if before:
            assert found.site(week) == before[-1]
    assert (found.stays[0].first, found.stays[-1].last) == (EVER, STILL)
    assert all(one.site != other.site for one, other in zip(found.stays, found.stays[1:], strict=False))
