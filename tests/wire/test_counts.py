"""What counts, on the box and at the centre alike."""

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from estation_wire import counts
from estation_wire.counts import Due, Evidence, Part, Policy, Showing, SitePolicy, Verdict, WeekResult
from estation_wire.records import SessionEnded
from estation_wire.values import Origin, Trust, Tv
from tests.support.wire_values import steady

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 11, 24, 4, tzinfo=UTC)  # Tuesday noon in Shanghai, 2026-W48
ZONES = st.sampled_from(
    [UTC, SHANGHAI, ZoneInfo("Asia/Urumqi"), ZoneInfo("Europe/Berlin"), ZoneInfo("Pacific/Auckland")]
)
INSTANTS = st.datetimes(datetime(1970, 1, 2), datetime(2999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001 (bounds have none)
PARTS = st.lists(
    st.builds(
        Part,
        session=st.sampled_from("abc"),
        part=st.integers(1, 4),
        began=st.datetimes(datetime(2026, 12, 20), datetime(2027, 1, 10), timezones=st.just(UTC)),  # noqa: DTZ001
        counting=st.floats(0, 2000),
        tv=st.sampled_from(Tv),
        trust=st.sampled_from(Trust),
    ),
    max_size=8,
)
DUES = st.builds(Due, sessions=st.integers(1, 3), seconds=st.floats(1, 1000))


def part(session="a", number=1, *, began=NOON, counting=600.0, tv=Tv.ON, trust=Trust.NETWORK):
    return Part(session=session, part=number, began=began, counting=counting, tv=tv, trust=trust)


def judged(*parts, week="2026-W48", closed=False, **due):
    return counts.judge(week, counts.showings(parts, SHANGHAI), Due(**due), closed=closed)


@steady
@given(PARTS, st.randoms(use_true_random=False), ZONES, DUES)
def test_the_order_and_number_of_arrivals_change_nothing(parts, chance, zone, due):
    """Whether records come by network or stick, once or five times: the minutes are the same, to the last bit."""
    again = [*parts, *chance.choices(parts, k=5)] if parts else []
    chance.shuffle(again)
    shown = counts.showings(parts, zone)
    assert counts.showings(again, zone) == shown
    mixed = chance.sample(shown, len(shown))
    for week in {showing.week for showing in shown}:
        assert counts.judge(week, mixed, due) == counts.judge(week, shown, due)


@steady
@given(PARTS, ZONES)
def test_every_second_is_booked_once(parts, zone):
    """No minute is lost between two weeks, and none is booked in both."""
    shown = counts.showings(parts, zone)
    booked = [counts.judge(week, shown, Due()).seconds for week in {showing.week for showing in shown}]
    assert sum(sum(week.values()) for week in booked) == pytest.approx(sum(showing.counting for showing in shown))
    assert [showing.session for showing in shown] == [
        s.session for s in sorted(shown, key=lambda s: (s.began, s.session))
    ]


@steady
@given(PARTS, PARTS, DUES)
def test_more_showings_never_undo_a_week(parts, more, due):
    """A hall that has met its week cannot lose it by showing more in other sessions."""
    others = [
        Part(**{name: getattr(p, name) for name in Part.__struct_fields__} | {"session": "x" + p.session}) for p in more
    ]
    for week in ("2026-W52", "2026-W53"):
        if counts.judge(week, counts.showings(parts, UTC), due).verdict is Verdict.MET:
            assert counts.judge(week, counts.showings([*parts, *others], UTC), due).verdict is Verdict.MET


@steady
@given(INSTANTS, ZONES)
def test_the_week_of_an_instant_is_that_of_the_local_calendar(instant, zone):
    """A showing belongs to the week that hangs on the wall of the hall."""
    local = instant.astimezone(zone)
    monday = local.date() - timedelta(days=local.weekday())
    thursday = monday + timedelta(days=3)  # ISO 8601: the year of a week is that of its Thursday
    number = (thursday - date(thursday.year, 1, 1)).days // 7 + 1
    assert counts.week_of(instant, zone) == f"{thursday.year:04}-W{number:02}"


@pytest.mark.parametrize(
    ("local", "zone", "week"),
    [
        ("2026-11-29T23:59:59.999999", "Asia/Shanghai", "2026-W48"),
        ("2026-11-30T00:00:00", "Asia/Shanghai", "2026-W49"),
        ("2026-11-29T23:59:59", "Asia/Urumqi", "2026-W48"),
        ("2026-12-31T12:00:00", "Asia/Shanghai", "2026-W53"),
        ("2027-01-03T23:59:59", "Asia/Shanghai", "2026-W53"),
        ("2027-01-04T00:00:00", "Asia/Shanghai", "2027-W01"),
        ("2024-12-30T00:00:00", "Asia/Shanghai", "2025-W01"),
        ("2023-01-01T12:00:00", "Asia/Shanghai", "2022-W52"),
        ("2026-03-29T23:59:59", "Europe/Berlin", "2026-W13"),  # the day that has only 23 hours
        ("2026-03-30T00:00:00", "Europe/Berlin", "2026-W14"),
        ("2026-10-25T23:59:59", "Europe/Berlin", "2026-W43"),  # the day that has 25
        ("2026-10-26T00:00:00", "Europe/Berlin", "2026-W44"),
    ],
)
def test_weeks_turn_at_local_midnight(local, zone, week):
    """Sunday's last second counts for the old week, Monday's first for the new, at year's end as well."""
    instant = datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(zone))
    assert counts.week_of(instant.astimezone(UTC), ZoneInfo(zone)) == week


def test_one_instant_lies_in_two_weeks_in_two_zones():
    """Shanghai's Monday has begun when Urumqi still has Sunday: the profile's zone decides."""
    instant = datetime(2026, 11, 29, 17, tzinfo=UTC)
    assert counts.week_of(instant, SHANGHAI) == "2026-W49"
    assert counts.week_of(instant, ZoneInfo("Asia/Urumqi")) == "2026-W48"


def test_a_session_over_midnight_counts_for_the_week_in_which_it_began():
    """Sunday night's showing is not cut in two by Monday."""
    late = datetime(2026, 11, 29, 15, 55, tzinfo=UTC)  # Sunday 23:55 in Shanghai
    parts = [part(began=late, counting=300), part(number=2, began=late + timedelta(minutes=20), counting=300)]
    assert judged(*parts).verdict is Verdict.MET
    assert judged(*parts, week="2026-W49").seconds == dict.fromkeys(Evidence, 0.0)


def test_an_interrupted_session_is_one_session():
    """Power that comes back within thirty minutes takes nothing from the hall: the parts count together."""
    parts = [part(counting=200.5), part(number=2, counting=200), part(number=3, counting=199.5)]
    result = judged(*parts)
    assert (result.verdict, result.sessions[Evidence.CONFIRMED], result.best_seconds) == (Verdict.MET, 1, 600.0)
    assert timedelta(minutes=30) == counts.RESUME_WITHIN


def test_a_clock_that_jumped_between_two_parts_splits_nothing():
    """A box that woke up in 1970 after the cut goes on with its session, and the first part says the week."""
    woke = datetime(1970, 1, 1, 0, 1, tzinfo=UTC)
    (showing,) = counts.showings([part(number=2, began=woke), part()], SHANGHAI)
    assert (showing.week, showing.counting) == ("2026-W48", 1200.0)


def test_two_sessions_of_half_the_minimum_are_not_one_whole():
    """The minimum asks for one showing of ten minutes, not for crumbs."""
    result = judged(part("a", counting=300), part("b", counting=599.9))
    assert result.verdict is Verdict.NOT_MET
    assert sum(result.sessions.values()) == 0
    assert result.best_seconds == pytest.approx(899.9)


def test_the_fuller_telling_of_a_part_stands():
    """A checkpoint's word never replaces the whole story, whichever comes last."""
    tellings = [part(counting=570), part(counting=600)]
    assert judged(*tellings) == judged(*reversed(tellings)) == judged(part(counting=600))


@pytest.mark.parametrize(
    ("parts", "evidence"),
    [
        ([part()], Evidence.CONFIRMED),
        ([part(trust=Trust.HAND)], Evidence.CONFIRMED),
        ([part(tv=Tv.UNKNOWN)], Evidence.TV_UNKNOWN),
        ([part(trust=Trust.GUESS)], Evidence.CLOCK_GUESSED),
        ([part(tv=Tv.OFF)], Evidence.TV_OFF),
        ([part(tv=Tv.UNKNOWN, trust=Trust.GUESS)], Evidence.CLOCK_GUESSED),
        ([part(tv=Tv.OFF, trust=Trust.GUESS)], Evidence.TV_OFF),
        ([part(), part(number=2, tv=Tv.UNKNOWN)], Evidence.TV_UNKNOWN),
        ([part(tv=Tv.UNKNOWN), part(number=2, trust=Trust.GUESS)], Evidence.CLOCK_GUESSED),
        ([part(trust=Trust.GUESS), part(number=2, tv=Tv.OFF)], Evidence.TV_OFF),
    ],
)
def test_a_session_stands_in_the_first_column_that_applies(parts, evidence):
    """What is least sure about a showing is what is said of it; four columns, never one sum."""
    result = judged(*parts)
    assert [kind for kind, seconds in result.seconds.items() if seconds] == [evidence]
    assert result.sessions == {kind: int(kind is evidence) for kind in Evidence}
    assert (result.verdict is Verdict.MET) == (evidence is not Evidence.TV_OFF)
    assert result.best_seconds == (0 if evidence is Evidence.TV_OFF else 600.0 * len(parts))


@pytest.mark.parametrize(
    ("counting", "sessions", "closed", "verdict"),
    [
        ([600], 1, False, Verdict.MET),
        ([599.999], 1, False, Verdict.NOT_MET),
        ([], 1, False, Verdict.NOT_MET),
        ([], 1, True, Verdict.NOT_DUE),
        ([300], 1, True, Verdict.NOT_DUE),
        ([600], 1, True, Verdict.MET),
        ([600], 2, False, Verdict.NOT_MET),
        ([600, 601], 2, False, Verdict.MET),
        ([0], 1, False, Verdict.NOT_MET),
    ],
)
def test_a_week_is_met_not_met_or_not_due(counting, sessions, closed, verdict):
    """A closed week owes nothing, and a showing in it is honoured all the same."""
    parts = [part(str(number), counting=seconds) for number, seconds in enumerate(counting)]
    assert judged(*parts, sessions=sessions, closed=closed).verdict is verdict


def test_other_weeks_do_not_count():
    """Last week's showing does not fulfil this week."""
    assert judged(part(), week="2026-W47").verdict is Verdict.NOT_MET


ENDED = SessionEnded(
    seq=1, at=NOON, boot="0" * 32, up=1.0, trust=Trust.GUESS, session="a" * 32, origin=Origin.KEEPER, began=NOON,
    shown=700.0, counting=600.0, tv=Tv.UNKNOWN, reason="completed", part=2,
)  # fmt: skip


@pytest.mark.parametrize("origin", Origin)
def test_a_record_tells_its_part_whoever_asked_for_the_session(origin):
    """A keeper's own showing counts like a planned one; only seconds of counting items do."""
    ended = SessionEnded(**{name: getattr(ENDED, name) for name in ENDED.__struct_fields__} | {"origin": origin})
    expected = part("a" * 32, 2, counting=600.0, tv=Tv.UNKNOWN, trust=Trust.GUESS)
    assert counts.part_of(ended) == expected


def test_a_record_dated_again_is_booked_where_it_belongs():
    """When truth about the time arrives, the showing moves to its real week and is no guess any more."""
    truth = datetime(2026, 12, 1, 4, tzinfo=timezone(timedelta(hours=8)))
    dated = counts.part_of(ENDED, trust=Trust.NETWORK, began=truth)
    assert (dated.began, dated.trust, dated.counting) == (truth, Trust.NETWORK, 600.0)
    (showing,) = counts.showings([dated], SHANGHAI)
    assert (showing.week, showing.evidence) == ("2026-W49", Evidence.TV_UNKNOWN)


@settings(steady, max_examples=50)
@given(st.lists(st.tuples(st.sampled_from(Evidence), st.floats(0, 1000)), max_size=6), DUES)
def test_the_columns_add_up_to_the_verdict(rows, due):
    """Whoever checks the table by hand comes to the same verdict."""
    shown = [
        Showing(session=str(number), week="2026-W48", began=NOON, counting=seconds, evidence=kind)
        for number, (kind, seconds) in enumerate(rows)
    ]
    result = counts.judge("2026-W48", shown, due)
    good = [seconds for kind, seconds in rows if kind is not Evidence.TV_OFF and seconds >= due.seconds]
    assert (result.verdict is Verdict.MET) == (len(good) >= due.sessions)
    assert sum(result.sessions.values()) == sum(seconds >= due.seconds for _, seconds in rows)


def room(verdict: Verdict = Verdict.MET, *, confirmed: float = 0.0, week: str = "2026-W48") -> WeekResult:
    """What a week was in one room."""
    sessions = dict.fromkeys(Evidence, 0) | {Evidence.CONFIRMED: int(confirmed > 0)}
    return WeekResult(
        week=week,
        verdict=verdict,
        sessions=sessions,
        seconds=dict.fromkeys(Evidence, 0.0) | {Evidence.CONFIRMED: confirmed},
    )


ANY, EVERY = SitePolicy(), SitePolicy(policy=Policy.EVERY_ROOM)
HALF = SitePolicy(policy=Policy.SHARE, share=0.5)


@pytest.mark.parametrize(
    ("policy", "met", "rooms", "verdict"),
    [
        (ANY, 0, 18, Verdict.NOT_MET),
        (ANY, 1, 18, Verdict.MET),
        (HALF, 8, 18, Verdict.NOT_MET),
        (HALF, 9, 18, Verdict.MET),
        (HALF, 1, 3, Verdict.NOT_MET),
        (HALF, 2, 3, Verdict.MET),
        (SitePolicy(policy=Policy.SHARE, share=0.07), 7, 100, Verdict.MET),
        (SitePolicy(policy=Policy.SHARE, share=0.0), 0, 4, Verdict.NOT_MET),
        (SitePolicy(policy=Policy.SHARE, share=0.0), 1, 4, Verdict.MET),
        (EVERY, 17, 18, Verdict.NOT_MET),
        (EVERY, 18, 18, Verdict.MET),
    ],
)
def test_a_school_has_met_its_week_when_enough_rooms_have(policy, met, rooms, verdict):
    """Any room, a share of them, or every one: as the school's policy says."""
    results = [room()] * met + [room(Verdict.NOT_MET)] * (rooms - met)
    assert counts.site_verdict(policy, results).verdict is verdict


def test_a_schools_columns_are_the_sum_of_its_rooms():
    """What was shown in every room stands in the school's line, met or not."""
    results = [room(confirmed=600.0), room(Verdict.NOT_MET, confirmed=120.5)]
    site = counts.site_verdict(EVERY, results)
    assert (site.week, site.sessions[Evidence.CONFIRMED], site.best_seconds) == ("2026-W48", 2, 720.5)


def test_a_closed_school_owes_nothing():
    """Whether one room or the calendar says that the week is closed; what was shown is honoured all the same."""
    unmet, shut = room(Verdict.NOT_MET), room(Verdict.NOT_DUE)
    assert counts.site_verdict(ANY, [unmet, shut]).verdict is Verdict.NOT_DUE
    assert counts.site_verdict(ANY, [unmet], closed=True).verdict is Verdict.NOT_DUE
    assert counts.site_verdict(EVERY, [room(), shut]).verdict is Verdict.NOT_DUE
    assert counts.site_verdict(ANY, [room(), shut], closed=True).verdict is Verdict.MET


@pytest.mark.parametrize("results", [[], [room(), room(week="2026-W49")]])
def test_rooms_of_different_weeks_are_not_judged_together(results):
    """A verdict is of one week, and of at least one room."""
    with pytest.raises(ValueError, match="unpack"):
        counts.site_verdict(ANY, results)


VERDICTS = st.lists(st.sampled_from(Verdict), min_size=1, max_size=6)
POLICIES = st.builds(SitePolicy, policy=st.sampled_from(Policy), share=st.floats(0, 1))


@steady
@given(VERDICTS, POLICIES, st.randoms(use_true_random=False))
def test_one_more_room_that_met_never_hurts_a_school(verdicts, policy, chance):
    """The order of rooms says nothing, and a room's showing never takes the week from its school."""
    results = [room(each) for each in verdicts]
    before = counts.site_verdict(policy, results)
    better = [*results]
    better[chance.randrange(len(better))] = room()
    order = [Verdict.NOT_MET, Verdict.NOT_DUE, Verdict.MET]
    assert counts.site_verdict(policy, chance.sample(results, len(results))) == before
    closed = Verdict.NOT_DUE in verdicts
    assert order.index(counts.site_verdict(policy, better, closed=closed).verdict) >= order.index(before.verdict)
