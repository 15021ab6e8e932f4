"""What is due next."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from estation_wire.planner import LATE_AFTER, Slot, next_slot
from tests.support.wire_values import steady

NOW = datetime(2026, 11, 24, 11, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)
SLOTS = st.lists(
    st.builds(
        lambda rule, minutes, priority: slot(rule, timedelta(minutes=minutes), priority),
        st.sampled_from("abc"),
        st.integers(-3, 3),
        st.integers(0, 2),
    ),
    max_size=8,
    unique_by=lambda each: (each.rule, each.start),
)


def slot(rule="a", ahead=timedelta(0), priority=5):
    return Slot(rule=rule, start=NOW + ahead, contents=("0" * 64,), priority=priority)


def test_an_empty_table_plans_nothing_and_says_so():
    """The TV's information page can say why nothing will come."""
    plan = next_slot([], NOW)
    assert plan.slot is None
    assert "nothing is planned" in plan.why


def test_the_earliest_slot_is_next_and_names_its_rule():
    """The hall is told which rule brings the next session."""
    plan = next_slot([slot("later", timedelta(hours=2)), slot("soon", timedelta(hours=1))], NOW)
    assert plan.slot == slot("soon", timedelta(hours=1))
    assert "rule soon says 2026-11-24T12:00:00+00:00" in plan.why


def test_a_start_up_to_a_minute_late_still_happens():
    """A box that came up seconds after the hour still shows the session; after that it is a miss."""
    assert next_slot([slot()], NOW + LATE_AFTER).slot == slot()
    assert next_slot([slot()], NOW + LATE_AFTER + MOMENT).slot is None


def test_what_is_done_is_not_done_again():
    """A session is not shown twice because the box was started again; the rule's next week stays."""
    table = [slot(), slot(ahead=timedelta(days=7))]
    assert next_slot(table, NOW, done=frozenset({("a", NOW)})).slot == table[1]


def test_two_at_once_are_settled_by_priority_then_by_name():
    """Every machine that looks at the same table expects the same session."""
    assert next_slot([slot("a", priority=5), slot("z", priority=1)], NOW).slot.rule == "z"
    assert next_slot([slot("b"), slot("a")], NOW).slot.rule == "a"


@steady
@given(SLOTS, st.randoms(use_true_random=False), st.sets(st.integers(0, 7)))
def test_the_order_of_the_table_does_not_matter(slots, chance, done_numbers):
    """The plan is a matter of the table, not of how it was read; and it is never one that is done or missed."""
    done = frozenset((slots[n].rule, slots[n].start) for n in done_numbers if n < len(slots))
    plan = next_slot(slots, NOW, done=done)
    assert next_slot(chance.sample(slots, len(slots)), NOW, done=done) == plan
    candidates = [each for each in slots if (each.rule, each.start) not in done and NOW - each.start <= LATE_AFTER]
    assert (plan.slot is None) == (not candidates)
    if plan.slot:
        assert plan.slot in candidates
        assert plan.slot.start == min(each.start for each in candidates)
