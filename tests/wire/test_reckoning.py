"""From a station's records to its weeks, on the box and at the centre alike."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estation_wire import codec
from estation_wire.counts import Due, Evidence, Verdict
from estation_wire.dating import Journalled
from estation_wire.reckoning import KINDS, closed_weeks, dated_parts, decides, showings_of, week_of_records, weeks
from estation_wire.records import (
    Boot,
    ClockSet,
    Day,
    Fault,
    Record,
    SessionEnded,
    SessionStarted,
    WeekClosed,
)
from estation_wire.values import Origin, Trust, Tv
from tests.bench import counts_agree
from tests.support.wire_values import steady

SHANGHAI, URUMQI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Asia/Urumqi"), ZoneInfo("Europe/Berlin")
TUESDAY = datetime(2026, 11, 24, 4, tzinfo=UTC)  # noon in Shanghai, 2026-W48
WAKING = datetime(1970, 1, 1, tzinfo=UTC)
DUE = Due(sessions=1, seconds=600.0)


class Notebook:
    """Writes records as a box does: numbered, with its boot's seconds and the reading of its clock."""

    def __init__(self, start: datetime = TUESDAY, journal: str = "a" * 32) -> None:
        self.now, self.journal = start, journal
        self.records: list[Journalled] = []
        self.boots = 0
        self.boot()

    def boot(self, trust: Trust = Trust.NETWORK, error: timedelta | None = None) -> Notebook:
        self.boots += 1
        self.since, self.trust = self.now, trust
        guessed = WAKING - self.now
        self.error = error if error is not None else guessed if trust is Trust.GUESS else timedelta()
        return self.add(Boot, why="power", firmware="1.0")

    def add(self, kind: type[Record], **body) -> Notebook:
        head = {
            "seq": len(self.records) + 1,
            "at": self.now + self.error,
            "boot": f"{self.boots:032x}",
            "up": (self.now - self.since).total_seconds(),
            "trust": self.trust,
        }
        self.records.append(Journalled(self.journal, kind(**head, **body)))
        return self

    def wait(self, **duration) -> Notebook:
        self.now += timedelta(**duration)
        return self

    def learn(self, source: Trust = Trust.NETWORK, error: timedelta = timedelta()) -> Notebook:
        was, self.error, self.trust = self.now + self.error, error, source
        return self.add(ClockSet, was=was, source=source)

    def begin(self, session="5", part=1) -> Notebook:
        self.began = self.now + self.error
        return self.add(SessionStarted, session=session * 32, origin=Origin.PLANNED, part=part)

    def end(self, seconds: float = 600.0, session="5", part=1, tv=Tv.ON) -> Notebook:
        body = {"session": session * 32, "origin": Origin.PLANNED, "part": part, "tv": tv, "reason": "completed"}
        return self.add(SessionEnded, **body, began=self.began, shown=seconds, counting=seconds)

    def show(self, seconds: float = 600.0, session="5") -> Notebook:
        return self.begin(session).wait(seconds=seconds).end(seconds, session)


def verdicts(book: Notebook, zone: ZoneInfo = SHANGHAI) -> dict[str, Verdict]:
    return {week: result.verdict for week, result in weeks(book.records, zone, DUE).items()}


def test_a_week_with_a_long_enough_session_is_met() -> None:
    """Ten minutes of ten: met, and confirmed."""
    book = Notebook().show()
    assert verdicts(book) == {"2026-W48": Verdict.MET}
    assert week_of_records("2026-W48", book.records, SHANGHAI, DUE) == weeks(book.records, SHANGHAI, DUE)["2026-W48"]


def test_a_week_of_which_nothing_is_known_is_not_met() -> None:
    """No record, no week; and who asks all the same hears «not met»."""
    assert weeks([], SHANGHAI, DUE) == {}
    assert week_of_records("2026-W48", [], SHANGHAI, DUE).verdict is Verdict.NOT_MET


def test_a_closed_week_is_not_due_unless_it_is_met() -> None:
    """A closed week owes nothing, and a showing in it is honoured all the same."""
    book = Notebook().show().add(WeekClosed, week="2026-W48", reason="fair")
    book.add(WeekClosed, week="2026-W49", reason="harvest")
    assert verdicts(book) == {"2026-W48": Verdict.MET, "2026-W49": Verdict.NOT_DUE}
    assert closed_weeks(book.records) == {"2026-W48", "2026-W49"}
    assert week_of_records("2026-W49", book.records, SHANGHAI, DUE).verdict is Verdict.NOT_DUE
    by_profile = weeks(book.records, SHANGHAI, DUE, frozenset({"2026-W50"}))
    assert by_profile["2026-W50"].verdict is Verdict.NOT_DUE
    assert week_of_records("2026-W50", [], SHANGHAI, DUE, {"2026-W50"}).verdict is Verdict.NOT_DUE


def test_a_session_before_the_clock_was_set_counts_where_it_was() -> None:
    """What a box showed in 1970 was shown on Tuesday, once it knows."""
    book = Notebook().boot(Trust.GUESS).wait(minutes=5).show()
    assert verdicts(book) == {"1970-W01": Verdict.MET}
    assert verdicts(book.wait(hours=1).learn()) == {"2026-W48": Verdict.MET}


def test_a_clock_that_the_keeper_set_wrongly_is_put_right() -> None:
    """A showing at a clock that was nine days ahead goes back to the week in which it was, once the network says so."""
    book = Notebook().boot(Trust.GUESS).learn(Trust.HAND, timedelta(days=9)).show()
    assert verdicts(book) == {"2026-W49": Verdict.MET}
    assert verdicts(book.wait(hours=1).learn()) == {"2026-W48": Verdict.MET}


def test_a_boot_that_never_knew_is_dated_between_its_neighbours() -> None:
    """Thursday without a clock, between a Tuesday and a Friday that had one."""
    book = Notebook().wait(days=2).boot(Trust.GUESS).show().wait(days=1)
    assert verdicts(book) == {"1970-W01": Verdict.MET}
    book.boot(Trust.RTC)
    assert verdicts(book) == {"2026-W48": Verdict.MET}
    assert weeks(book.records, SHANGHAI, DUE)["2026-W48"].sessions[Evidence.CONFIRMED] == 1


def test_what_no_verdict_hangs_on_bounds_nothing() -> None:
    """Box and centre find the same bounds, though the box remembers more."""
    book = Notebook().wait(days=2).boot(Trust.GUESS).show()
    others = [*book.records, *Notebook(TUESDAY + timedelta(days=3)).add(Fault, what="disk", detail="").records[1:]]
    moved = Fault(seq=99, at=TUESDAY + timedelta(days=3), boot="9" * 32, up=1.0, trust=Trust.RTC, what="x", detail="")
    others[-1] = Journalled(book.journal, moved)
    assert weeks(others, SHANGHAI, DUE) == weeks(book.records, SHANGHAI, DUE)
    assert not decides(moved)
    assert sorted(KINDS) == ["boot", "clock.set", "day", "session.ended", "session.started", "week.closed"]


def test_the_end_that_the_next_boot_writes_is_dated_by_the_beginning() -> None:
    """The boot after a power cut may not know the time; the session keeps the date that it had."""
    book = Notebook().begin().wait(minutes=20).boot(Trust.GUESS).end(900.0)
    assert verdicts(book) == {"2026-W48": Verdict.MET}
    (part,) = dated_parts(book.records, SHANGHAI)
    assert (part.part.began, part.part.trust) == (TUESDAY, Trust.NETWORK)
    assert part.end == (book.journal, 4)
    assert part.rests_on == ((book.journal, 4), (book.journal, 2))


def test_of_a_beginning_that_is_told_twice_the_surer_one_dates() -> None:
    """A start that was written again after a kill takes nothing away."""
    book = Notebook().begin()
    book.boot(Trust.GUESS).begin().wait(minutes=10).end()
    assert [(each.part.began, each.part.trust) for each in dated_parts(book.records, SHANGHAI)] == [
        (TUESDAY, Trust.NETWORK)
    ]


def test_an_end_whose_beginning_was_lost_is_dated_by_itself() -> None:
    """A lost record does not lose the session, whether truth or bounds date it."""
    book = Notebook().boot(Trust.GUESS).wait(minutes=5).show().learn()
    kept = [each for each in book.records if not isinstance(each.record, SessionStarted)]
    (showing,) = showings_of(kept, SHANGHAI)
    assert showing.began == TUESDAY + timedelta(minutes=5)
    bounded = Notebook().boot(Trust.GUESS).show().wait(hours=1).boot(Trust.RTC)
    kept = [each for each in bounded.records if not isinstance(each.record, SessionStarted)]
    (showing,) = showings_of(kept, SHANGHAI)
    assert (showing.began, showing.week) == (TUESDAY, "2026-W48")


def test_a_session_that_goes_on_after_midnight_belongs_to_the_week_of_its_first_part() -> None:
    """Begun on Sunday at 23:58, cut, and gone on with on Monday: one session, last week's."""
    book = Notebook(datetime(2026, 11, 29, 15, 58, tzinfo=UTC)).begin().wait(minutes=5)
    book.boot(Trust.GUESS).end(240.0).begin(part=2).wait(minutes=6).end(360.0, part=2).wait(hours=1).learn()
    result = weeks(book.records, SHANGHAI, DUE)
    assert {week: each.verdict for week, each in result.items()} == {"2026-W48": Verdict.MET}
    assert result["2026-W48"].seconds[Evidence.CONFIRMED] == 600.0


@pytest.mark.parametrize(
    ("began", "zone", "week"),
    [
        ("2027-01-03T15:59:59+00:00", SHANGHAI, "2026-W53"),
        ("2027-01-03T16:00:00+00:00", SHANGHAI, "2027-W01"),
        ("2027-01-03T16:00:00+00:00", URUMQI, "2026-W53"),
        ("2027-01-03T18:00:00+00:00", URUMQI, "2027-W01"),
        ("2026-03-29T21:59:59+00:00", BERLIN, "2026-W13"),  # the Sunday of 23 hours
        ("2026-03-29T22:00:00+00:00", BERLIN, "2026-W14"),
        ("2026-10-25T22:59:59+00:00", BERLIN, "2026-W43"),  # the Sunday of 25
        ("2026-10-25T23:00:00+00:00", BERLIN, "2026-W44"),
    ],
)
def test_weeks_turn_at_the_sites_midnight(began: str, zone: ZoneInfo, week: str) -> None:
    """Years with 53 weeks, days of 23 and 25 hours, and two zones side by side."""
    assert verdicts(Notebook(datetime.fromisoformat(began)).show(), zone) == {week: Verdict.MET}


def test_a_million_records_in_small() -> None:
    """Box and centre say the very same of every week, however the records came; a plain sum does not."""
    found = counts_agree.compare(20_000)
    assert found.records == 20_000
    assert found.differing == 0
    assert 0 < found.met < found.weeks
    assert found.guessed > 0
    assert found.peer_differing > 0
    assert found.astray < found.peer_astray < found.sessions


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("wait"), st.integers(60, 3 * 86400)),
        st.tuples(st.just("boot"), st.sampled_from([Trust.GUESS, Trust.GUESS, Trust.RTC, Trust.NETWORK])),
        st.tuples(st.just("hand"), st.integers(-9, 9)),
        st.tuples(st.just("truth"), st.just(0)),
        st.tuples(st.just("show"), st.sampled_from([300, 600, 900])),
        st.tuples(st.just("cut"), st.sampled_from([Trust.GUESS, Trust.RTC])),
        st.tuples(st.just("day"), st.just(0)),
        st.tuples(st.just("close"), st.integers(48, 52)),
    ),
    max_size=16,
)


def lived(steps, *, wrong: bool = True) -> Notebook:
    """A box that lived through ``steps``; without ``wrong`` a keeper always sets the right time."""
    book = Notebook()
    for number, (what, value) in enumerate(steps):
        session = "0123456789abcdef"[number]
        if what == "wait":
            book.wait(seconds=value)
        elif what == "boot":
            book.boot(value)
        elif what == "hand" and book.trust is Trust.GUESS:
            book.learn(Trust.HAND, timedelta(days=value if wrong else 0))
        elif what == "truth" and book.trust is not Trust.NETWORK:
            book.learn()
        elif what == "show":
            book.show(float(value), session)
        elif what == "cut":
            book.begin(session).wait(seconds=400).boot(value).end(400.0, session)
            book.begin(session, part=2).wait(seconds=300).end(300.0, session, part=2)
        elif what == "day":
            book.add(Day, uptime=3600.0)
        elif what == "close":
            book.add(WeekClosed, week=f"2026-W{value}", reason="harvest")
    return book


@steady
@given(STEPS, st.randoms(use_true_random=False))
def test_however_records_are_delivered_the_weeks_are_the_same(steps, chance) -> None:
    """Cut into batches, doubled, by two ways and in any order: nothing changes, to the last bit."""
    records = lived(steps).records
    size = chance.randint(1, 7)
    batches = [records[cut : cut + size] for cut in range(0, len(records), size)] + [records[chance.randint(0, 9) :]]
    chance.shuffle(batches)
    delivered = [
        Journalled(journal, codec.decode_record(codec.encode(record))) for batch in batches for journal, record in batch
    ]
    assert weeks(delivered, SHANGHAI, DUE) == weeks(records, SHANGHAI, DUE)
    assert showings_of(delivered, SHANGHAI) == showings_of(records, SHANGHAI)


@steady
@given(STEPS)
def test_every_second_is_booked_once(steps) -> None:
    """Dating again moves minutes; it makes none and loses none."""
    records = lived(steps).records
    told = sum(each.record.counting for each in records if isinstance(each.record, SessionEnded))
    assert sum(sum(each.seconds.values()) for each in weeks(records, SHANGHAI, DUE).values()) == told


@steady
@given(STEPS)
def test_truth_takes_a_week_away_only_by_giving_its_session_to_another(steps) -> None:
    """A week that was met stays met when the box learns the time, unless its sessions were in another week."""
    book = lived(steps)
    before, were = weeks(book.records, SHANGHAI, DUE), showings_of(book.records, SHANGHAI)
    book.wait(seconds=60).learn()
    after, are = (
        weeks(book.records, SHANGHAI, DUE),
        {each.session: each for each in showings_of(book.records, SHANGHAI)},
    )
    for week, result in before.items():
        stayed = all(are[each.session].week == week for each in were if each.week == week)
        if result.verdict is Verdict.MET and stayed:
            assert after[week].verdict is Verdict.MET


@steady
@given(STEPS)
def test_what_is_dated_by_truth_lies_where_it_really_was(steps) -> None:
    """In a boot that learns the time from the network every session is booked in its real week."""
    honest = Notebook()
    honest.boot(Trust.GUESS)
    real: dict[str, datetime] = {}
    for number, (what, value) in enumerate(steps):
        session = "0123456789abcdef"[number]
        if what == "wait":
            honest.wait(seconds=value)
        elif what == "hand":
            honest.learn(Trust.HAND, timedelta(days=value))
        elif what == "show":
            real[session * 32] = honest.now
            honest.show(float(value), session)
    honest.learn()
    for showing in showings_of(honest.records, SHANGHAI):
        assert abs(showing.began - real[showing.session]) < timedelta(milliseconds=1)
        assert showing.evidence is Evidence.CONFIRMED
