"""What stood in a site's way, room by room, and what it was before. Reckoning itself is tested in `tests/wire`."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from estation_central.compliance.rooms import Cause, Lost, reckon
from estation_central.compliance.sites import SiteWeek, Terms, site_weeks
from estation_central.stations.changing import Received
from estation_central.stations.reopening import Why
from estation_wire.counts import Due, Evidence, Policy, SitePolicy, Verdict
from estation_wire.records import SessionEnded, WeekClosed
from estation_wire.values import Origin, Trust, Tv
from tests.wire.test_reckoning import SHANGHAI, TUESDAY, Notebook

DUE = Due(sessions=1, seconds=600.0)
WEEK = "2026-W48"
NOW = TUESDAY + timedelta(days=14)


def came(book: Notebook, at: datetime | None = None) -> list[Received]:
    return [Received(at or each.record.at, each) for each in book.records]


def site(*books: list[Received], now: datetime = NOW, **words) -> dict[str, SiteWeek]:
    terms = Terms(site="s", zone=SHANGHAI, due=DUE, **({"opened": date(2026, 11, 23)} | words))
    shut = frozenset(terms.shut)
    rooms = {f"room-{number}": reckon(book, SHANGHAI, DUE, shut) for number, book in enumerate(books)}
    return {each.result.week: each for each in site_weeks(terms, rooms, now)}


def broken_off(session: str, reason: str) -> Notebook:
    book = Notebook(journal=session * 32).begin(session).wait(seconds=60)
    told = {"session": session * 32, "origin": Origin.PLANNED, "tv": Tv.ON, "reason": reason}
    return book.add(SessionEnded, **told, began=book.began, shown=60.0, counting=60.0)


def test_every_week_since_the_opening_has_its_line() -> None:
    """Also those in which nobody heard of the site, up to the week that it is."""
    weeks = site(came(Notebook().show()))
    assert [(week, each.result.verdict, each.cause) for week, each in weeks.items()] == [
        ("2026-W48", Verdict.MET, None),
        ("2026-W49", Verdict.NOT_MET, Cause.SILENT),
        ("2026-W50", Verdict.NOT_MET, Cause.SILENT),
    ]


def test_causes_are_kept_apart() -> None:
    """Off TV, too little, undated, nothing shown, nothing heard: five different visits, or none."""
    dark = Notebook().begin("5").wait(seconds=600).end(600.0, "5", tv=Tv.OFF)
    short = Notebook().show(seconds=60.0)
    guess = Notebook().boot(Trust.GUESS).show()
    heard = [Received(TUESDAY + timedelta(hours=1), each) for each in guess.records if each.record.trust is Trust.GUESS]
    idle = Notebook()
    for book, cause in ((came(dark), Cause.TV_OFF), (came(short), Cause.TOO_SHORT), (heard, Cause.CLOCK_GUESSED)):
        assert site(book)[WEEK].cause is cause
    assert site(came(idle))[WEEK].cause is Cause.NO_SESSION
    assert site([])[WEEK].cause is Cause.SILENT


def test_the_nearest_cause_of_several_rooms_is_told() -> None:
    """A school where one TV was off and seventeen rooms are silent needs a remote control, not seventeen visits."""
    dark = Notebook().begin("5").wait(seconds=600).end(600.0, "5", tv=Tv.OFF)
    week = site(came(dark), [], came(Notebook(journal="b" * 32)))[WEEK]
    assert (week.cause, week.rooms, week.met_rooms) == (Cause.TV_OFF, 3, 0)


@pytest.mark.parametrize(
    ("policy", "met"),
    [
        (SitePolicy(), True),
        (SitePolicy(policy=Policy.SHARE, share=0.5), False),
        (SitePolicy(policy=Policy.SHARE, share=1 / 3), True),
        (SitePolicy(policy=Policy.EVERY_ROOM), False),
    ],
)
def test_a_school_has_its_own_policy(policy: SitePolicy, *, met: bool) -> None:
    """One room of three is enough, or a third, or not."""
    week = site(came(Notebook().show()), [], [], policy=policy)[WEEK]
    assert (week.result.verdict is Verdict.MET) == met
    assert (week.met_rooms, week.result.sessions[Evidence.CONFIRMED]) == (1, 1)


def test_a_room_that_was_given_up_is_no_room_any_more() -> None:
    """After the second box was taken away, «every room» is the one that is left."""
    book = Notebook().show(session="5").wait(days=7).show(session="6")
    weeks = site(came(book), [], policy=SitePolicy(policy=Policy.EVERY_ROOM), left={"room-1": WEEK})
    assert [weeks[week].result.verdict for week in (WEEK, "2026-W49")] == [Verdict.NOT_MET, Verdict.MET]


def test_a_closed_week_says_why() -> None:
    """By the registry's calendar with its reason, or by the site's own word."""
    said = Notebook().add(WeekClosed, week="2026-W49", reason="harvest")
    weeks = site(came(said), shut={WEEK: "exams"})
    assert [(each.result.verdict, each.shut) for each in weeks.values()] == [
        (Verdict.NOT_DUE, "exams"),
        (Verdict.NOT_DUE, "calendar"),
        (Verdict.NOT_MET, ""),
    ]


def test_a_site_that_left_the_network_owes_nothing_after() -> None:
    """Its weeks end with it."""
    assert list(site([], closed=date(2026, 12, 1))) == ["2026-W48", "2026-W49"]


def test_without_an_opening_day_the_first_session_opens() -> None:
    """And a session of 1970 opens nothing."""
    guess = Notebook().boot(Trust.GUESS).show()
    assert list(site(came(guess, TUESDAY), opened=None)) == ["2026-W50"]
    assert next(iter(site(came(Notebook().show()), opened=None))) == WEEK


def test_power_and_our_own_faults_excuse() -> None:
    """What a hall cannot help stands beside the verdict, for the ledger."""
    cut, ours = broken_off("5", "power"), broken_off("6", "missing")
    assert site(came(cut))[WEEK].lost is Lost.POWER
    assert site(came(ours))[WEEK].lost is Lost.OURS
    assert site(came(cut), came(ours))[WEEK].lost is Lost.OURS
    assert site(came(Notebook().show()))[WEEK].lost is None


def test_a_site_says_that_its_week_was_opened_again() -> None:
    """One room's stick comes in December: the school has met its week, and it says what it had said before."""
    late = datetime(2026, 12, 10, tzinfo=UTC)
    week = site(came(Notebook().show(), late), came(Notebook(journal="b" * 32)))[WEEK]
    assert week.result.verdict is Verdict.MET
    assert week.reopened is not None
    assert (week.reopened.before.verdict, week.reopened.at, week.reopened.why) == (Verdict.NOT_MET, late, {Why.LATE})
    assert site(came(Notebook().show()), came(Notebook(journal="b" * 32)))[WEEK].reopened is None
