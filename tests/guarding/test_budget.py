from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from estation_box.guarding import budget, ladder
from estation_box.guarding.budget import Budget, Verdict, decide

HOURS = 3600.0
UNIT = "estation-core.service"


def test_a_box_reboots_three_times_and_then_stays_up():
    """A broken card never becomes a box that starts again and again all day."""
    memory, verdicts = Budget(), []
    for boot in range(6):
        verdict, memory = decide(memory, f"boot-{boot}", 20.0, UNIT)
        verdicts.append(verdict)
    assert verdicts == [Verdict.REBOOT] * 3 + [Verdict.SAFE] * 3


def test_a_box_that_ran_well_for_hours_may_reboot_again():
    memory = Budget(left=0, boot="a", up=20.0)
    assert decide(memory, "b", 1 * HOURS, UNIT)[0] is Verdict.SAFE
    assert decide(memory, "b", 2 * HOURS, UNIT)[0] is Verdict.REBOOT
    assert decide(memory, "a", 2 * HOURS, UNIT)[0] is Verdict.SAFE
    assert decide(memory, "a", 3 * HOURS, UNIT)[0] is Verdict.REBOOT


def test_safe_mode_waits_longer_each_time_and_begins_anew_in_another_boot():
    memory, waits = Budget(left=0), []
    for up in (20.0, 190.0, 520.0, 1200.0):
        _, memory = decide(memory, "a", up, UNIT)
        waits.append(budget.wait(memory))
    assert waits == [150, 300, 600, 600]
    _, memory = decide(memory, "b", 20.0, UNIT)
    assert budget.wait(memory) == 150


def test_the_unit_is_remembered_until_it_is_reported():
    verdict, memory = decide(Budget(), "a", 20.0, UNIT)
    assert (verdict, memory.wanted, memory.wanted_in) == (Verdict.REBOOT, UNIT, "a")
    _, later = decide(replace(memory, left=0), "b", 20.0, "estation-player.service")
    assert (later.wanted, later.wanted_in) == (UNIT, "a")
    assert budget.decode(budget.encode(memory)) == memory
    assert len(budget.encode(memory)) < budget.MAX_BYTES


def test_a_budget_that_cannot_be_kept_buys_nothing():
    assert budget.decode(None).left == ladder.REBOOT.tries
    assert decide(budget.unkept(Budget()), "a", 20.0, UNIT)[0] is Verdict.SAFE


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 20 * HOURS)), max_size=200))
def test_reboots_are_never_more_than_three_and_one_for_each_two_hours_of_life(story):
    """Whatever fails whenever: the number of reboots is bounded by the time that the box ran."""
    memory, boot, up, lived, reboots = Budget(), 0, 0.0, 0.0, 0
    for cut, seconds in story:
        up, lived = up + seconds, lived + seconds
        verdict, memory = decide(memory, f"{boot}", up, UNIT)
        reboots += verdict is Verdict.REBOOT
        if cut or verdict is Verdict.REBOOT:
            boot, up = boot + 1, 0.0
    assert reboots <= ladder.REBOOT.tries + lived / ladder.REBOOT.per + 1e-6
