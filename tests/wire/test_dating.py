"""When a record was really made: by truth, by bounds, or as told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estation_wire.dating import Dated, Dating, How, Journalled, in_order
from estation_wire.records import Boot, ClockSet, Fault, Record
from estation_wire.values import Trust
from tests.support.wire_values import steady

ZONE = ZoneInfo("Asia/Shanghai")
TUESDAY = datetime(2026, 11, 24, 4, tzinfo=UTC)  # noon in Shanghai, 2026-W48
WAKING = datetime(1970, 1, 1, tzinfo=UTC)
JOURNAL = "a" * 32


def fault(seq: int, at: datetime, trust: Trust, *, boot: str = "1", up: float = 0.0) -> Fault:
    return Fault(seq=seq, at=at, boot=boot * 32, up=up, trust=trust, what="disk", detail="")


def truth(seq: int, at: datetime, source: Trust, *, boot: str = "1", up: float = 0.0) -> ClockSet:
    return ClockSet(seq=seq, at=at, boot=boot * 32, up=up, trust=source, was=WAKING, source=source)


def dates(*records: Record, zone: ZoneInfo = ZONE, journal: str = JOURNAL) -> list[Dated]:
    """The dates of records, in the order given."""
    known = [Journalled(journal, record) for record in records]
    dating = Dating(reversed(known), zone)
    return [dating.date(each) for each in known]


def after(seconds: float) -> datetime:
    return TUESDAY + timedelta(seconds=seconds)


def test_truth_dates_what_was_before_it_in_its_boot() -> None:
    """What happened before the box knew the time happened so many seconds before it knew."""
    guessed, _ = dates(fault(1, WAKING, Trust.GUESS, up=10), truth(2, after(60), Trust.NETWORK, up=70))
    assert guessed == Dated(TUESDAY, Trust.NETWORK, How.RE_DATED, ((JOURNAL, 2),))


def test_truth_says_nothing_of_another_boot_or_of_what_came_later() -> None:
    """Seconds of one boot say nothing of another, and truth is told of the past."""
    other, later, _ = dates(
        fault(1, WAKING, Trust.GUESS, boot="2", up=10),
        fault(3, WAKING, Trust.GUESS, up=100),
        truth(2, TUESDAY, Trust.NETWORK, up=70),
    )
    assert (other.how, later.how) == (How.AS_TOLD, How.AS_TOLD)
    assert (other.trust, later.trust) == (Trust.GUESS, Trust.GUESS)


def test_the_first_of_two_truths_alike_dates_it() -> None:
    """A clock drifts: of two settings of one source the nearer one is better."""
    first, *_ = dates(
        fault(1, WAKING, Trust.GUESS),
        truth(3, after(101), Trust.NETWORK, up=100),
        truth(2, after(50), Trust.NETWORK, up=50),
    )
    assert first.at == TUESDAY


def test_a_clock_set_wrongly_by_hand_is_put_right_by_the_network() -> None:
    """The keeper was wrong by nine days: the showing goes back to the week in which it was."""
    wrong = after(9 * 86400)
    guessed, told, set_by_hand, right = dates(
        fault(1, WAKING, Trust.GUESS),
        fault(3, wrong + timedelta(seconds=30), Trust.HAND, up=30),
        truth(2, wrong + timedelta(seconds=20), Trust.HAND, up=20),
        truth(4, after(60), Trust.NETWORK, up=60),
    )
    assert [each.at for each in (guessed, told, set_by_hand, right)] == [TUESDAY, after(30), after(20), after(60)]
    assert {each.trust for each in (guessed, told, set_by_hand, right)} == {Trust.NETWORK}
    assert right.how is How.AS_TOLD


@pytest.mark.parametrize("source", Trust)
@pytest.mark.parametrize("trust", Trust)
def test_only_a_better_source_dates_a_record_again(trust: Trust, source: Trust) -> None:
    """What is known from the network is not touched by a keeper's hand."""
    record, _ = dates(fault(1, TUESDAY, trust), truth(2, after(100), source, up=50))
    order = ["network", "rtc", "stick", "hand", "guess"]
    better = order.index(source) < order.index(trust)
    assert record.trust is (source if better else trust)
    assert record.at == (after(50) if better else TUESDAY)


def test_a_boot_between_two_dated_ones_of_one_week_is_dated_into_it() -> None:
    """A box that never learnt the time on Wednesday stands between Tuesday and Thursday."""
    before, early, inside, late, behind = dates(
        fault(1, TUESDAY, Trust.NETWORK),
        fault(2, WAKING, Trust.GUESS, boot="2"),
        fault(3, after(86400), Trust.GUESS, boot="2", up=9),
        fault(4, after(9 * 86400), Trust.GUESS, boot="3"),
        fault(5, after(2 * 86400), Trust.HAND, boot="4"),
    )
    assert [each.at for each in (early, inside, late)] == [TUESDAY, after(86400), after(2 * 86400)]
    by = ((JOURNAL, 1), (JOURNAL, 5))
    assert {each[1:] for each in (early, inside, late)} == {(Trust.HAND, How.BOUNDED, by)}
    assert (before.how, behind.how) == (How.AS_TOLD, How.AS_TOLD)


def test_bounds_may_have_been_dated_by_truth_themselves() -> None:
    """The boot after it learnt the time only in the evening; its first record is known by then."""
    _, guessed, first, _ = dates(
        fault(1, TUESDAY, Trust.RTC),
        fault(2, WAKING, Trust.GUESS, boot="2"),
        fault(3, WAKING, Trust.GUESS, boot="3"),
        truth(4, after(3600), Trust.NETWORK, boot="3", up=600),
    )
    assert (guessed.at, guessed.trust, guessed.how) == (TUESDAY, Trust.RTC, How.BOUNDED)
    assert (first.at, first.how) == (after(3000), How.RE_DATED)


@pytest.mark.parametrize(
    ("before", "behind"),
    [
        (None, TUESDAY),
        (TUESDAY, None),
        (TUESDAY, TUESDAY + timedelta(days=7)),
        (TUESDAY + timedelta(days=1), TUESDAY),
    ],
)
def test_without_two_bounds_in_one_week_a_guess_stays_a_guess(before, behind) -> None:
    """Nobody knows on which side of Sunday it was, so nothing is claimed."""
    records = [fault(2, after(5), Trust.GUESS, boot="2")]
    records += [fault(1, before, Trust.RTC)] if before else []
    records += [fault(3, behind, Trust.RTC, boot="3")] if behind else []
    assert dates(*records)[0] == Dated(after(5), Trust.GUESS)


def test_the_week_of_the_bounds_is_that_of_the_site() -> None:
    """Two hours before midnight in Shanghai it is Sunday for both clocks; an hour after it, for Urumqi only."""
    sunday = datetime(2026, 11, 29, 14, tzinfo=UTC)
    records = (
        fault(1, sunday, Trust.RTC),
        fault(2, WAKING, Trust.GUESS, boot="2"),
        fault(3, sunday + timedelta(hours=3), Trust.RTC, boot="3"),
    )
    assert dates(*records)[1].how is How.AS_TOLD
    assert dates(*records, zone=ZoneInfo("Asia/Urumqi"))[1].how is How.BOUNDED


def test_bounds_are_of_the_same_journal() -> None:
    """Numbers of one card say nothing of another's."""
    known = [
        Journalled("a" * 32, fault(1, TUESDAY, Trust.RTC)),
        Journalled("b" * 32, fault(2, WAKING, Trust.GUESS, boot="2")),
        Journalled("b" * 32, fault(3, TUESDAY, Trust.RTC, boot="3")),
        Journalled("c" * 32, fault(4, WAKING, Trust.GUESS, boot="4")),
    ]
    dating = Dating(known, ZONE)
    assert [dating.date(each).how for each in known] == [How.AS_TOLD] * 4


def test_an_instant_that_a_record_tells_of_moves_with_it() -> None:
    """«It began at» was read off the same clock as «it ended at»."""
    known = [
        Journalled(JOURNAL, fault(1, TUESDAY, Trust.RTC)),
        Journalled(JOURNAL, fault(2, after(100), Trust.GUESS, boot="2")),
        Journalled(JOURNAL, fault(3, after(300), Trust.RTC, boot="3")),
        Journalled(JOURNAL, fault(4, WAKING, Trust.GUESS, boot="3", up=2)),
        Journalled(JOURNAL, truth(5, after(400), Trust.NETWORK, boot="3", up=12)),
    ]
    dating = Dating(known, ZONE)
    assert dating.date_of(after(-50), known[1]) == TUESDAY
    assert dating.date_of(after(250), known[2]) == after(338)
    assert dating.date_of(WAKING - timedelta(seconds=5), known[3]) == after(385)
    assert dating.date_of(after(395), known[4]) == after(395)


def test_a_record_that_came_twice_is_one_record() -> None:
    """Twice delivered is once told; of two cards with one number the same one is taken whichever came first."""
    one, other = fault(1, TUESDAY, Trust.RTC), fault(1, TUESDAY, Trust.RTC, up=5)
    both = [Journalled(JOURNAL, one), Journalled(JOURNAL, other), Journalled(JOURNAL, one)]
    assert in_order(both) == in_order(reversed(both))
    assert len(in_order(both)) == 1
    again = Journalled(JOURNAL, Fault(**{name: getattr(one, name) for name in Fault.__struct_fields__}))
    assert in_order([both[0], again]) == [both[0]]


HEADS = st.lists(
    st.tuples(
        st.sampled_from("123"),  # boot
        st.floats(0, 50_000),  # up
        st.integers(-20 * 86400, 20 * 86400),  # the box's reading
        st.sampled_from(Trust),
        st.one_of(st.none(), st.sampled_from(Trust)),  # a clock.set, from where
    ),
    max_size=14,
)


def told(heads) -> list[Journalled]:
    records: list[Record] = []
    for seq, (boot, up, reading, trust, source) in enumerate(heads, 1):
        at = after(reading)
        if source:
            records.append(truth(seq, at, source, boot=boot, up=up))
        else:
            head = {"seq": seq, "at": at, "boot": boot * 32, "up": up, "trust": trust}
            records.append(Boot(**head, why="power", firmware="1.0"))
    return [Journalled("ab"[record.seq % 2] * 32, record) for record in records]


def dated(each: Journalled, date: Dated) -> Journalled:
    """The record as a box would have written it that had known; a setting of the clock stays what it was."""
    if isinstance(each.record, ClockSet):
        return each
    words = {name: getattr(each.record, name) for name in each.record.__struct_fields__}
    words |= {"at": date.at, "trust": date.trust}
    return Journalled(each.journal, type(each.record)(**words))


@steady
@given(HEADS, st.randoms(use_true_random=False))
def test_the_order_and_number_of_arrivals_change_no_date(heads, chance) -> None:
    """By network or by stick, once or three times, in whatever order: the dates are the same."""
    known = told(heads)
    again = known + chance.sample(known, len(known) // 2)
    chance.shuffle(again)
    one, other = Dating(known, ZONE), Dating(again, ZONE)
    assert [one.date(each) for each in known] == [other.date(each) for each in known]


@steady
@given(HEADS)
def test_dating_again_what_was_dated_changes_nothing(heads) -> None:
    """There is one answer, not one that moves with each look."""
    known = told(heads)
    first = Dating(known, ZONE)
    known_better = [dated(each, first.date(each)) for each in known]
    second = Dating(known_better, ZONE)
    for each, better in zip(known, known_better, strict=True):
        if isinstance(each.record, ClockSet) and each.record.source is Trust.GUESS:
            continue  # no box writes one; it is no truth, and its own date is of no use
        found = second.date(better)
        assert found.trust is first.date(each).trust
        assert abs(found.at - first.date(each).at) < timedelta(milliseconds=1)


@steady
@given(HEADS)
def test_no_date_is_believed_less_than_it_was_told(heads) -> None:
    """Dating again only ever adds to what is known."""
    known = told(heads)
    dating = Dating(known, ZONE)
    order = list(Trust)
    for each in known:
        own = each.record.source if isinstance(each.record, ClockSet) else each.record.trust
        assert order.index(dating.date(each).trust) <= order.index(own)
        assert (dating.date(each).how is How.AS_TOLD) == (not dating.date(each).by)
