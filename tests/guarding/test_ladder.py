"""The one table of the ladder: its rules, its paper, and that everybody who acts goes by it."""

from __future__ import annotations

import configparser
from pathlib import Path

import pytest

from estation_box.guarding import ladder, rules
from estation_box.guarding.ladder import NEXT, STEPS
from estation_box.playout import rules as playout
from estation_box.simulated import unit_files
from estation_wire import supervisor_words as words

ROOT = Path(__file__).parents[2]
UNITS = unit_files.read(ROOT / "firmware/image/systemd")
CHIP_SECONDS = 15


def test_every_step_leads_up_and_nobody_gives_up():
    """Whatever breaks, there is always somebody who goes on trying."""
    assert set(NEXT) == set(STEPS)
    for step in STEPS:
        seen = [step]
        while NEXT[seen[-1]] is not seen[-1]:
            seen.append(NEXT[seen[-1]])
            assert seen[-1].rung >= seen[-2].rung
        assert seen[-1] in {ladder.SAFE, ladder.CHIP, ladder.POWER}
    assert {step.rung for step in STEPS} == {1, 2, 3, 4, 5}


def test_the_next_try_comes_later_and_later_but_comes():
    assert [ladder.wait_before(ladder.SAFE, tries) for tries in (0, 1, 2, 3, 10**6)] == [150, 300, 600, 600, 600]
    assert ladder.wait_before(ladder.PLAYER, 5) == pytest.approx(0.1)


def test_an_update_may_keep_the_ladder_waiting_for_a_quarter_of_an_hour_and_no_longer():
    assert ladder.pause_left(100.0, 60.0, 130.0) == 30.0
    assert ladder.pause_left(100.0, 60.0, 161.0) == 0.0
    assert ladder.pause_left(100.0, 1e9, 100.0) == ladder.LONGEST_PAUSE_SECONDS
    assert ladder.pause_left(100.0, 60.0, 99.0) == 0.0  # asked in another boot
    assert ladder.LONGEST_PAUSE_SECONDS <= words.MAX_PAUSE_S


def test_core_climbs_by_the_table():
    assert playout.STALLED_SECONDS == ladder.SAME_CLIP.notices == ladder.NEXT_CLIP.notices
    first = [step for step in STEPS if step.rung == 1]
    assert len(playout.REPAIRS) == sum(step.tries for step in first)
    assert ladder.NEW_PLAYER.back < rules.BUDGET_SECONDS


@pytest.mark.parametrize(("unit", "step"), [("player", ladder.PLAYER), ("core", ladder.CORE)])
def test_systemd_climbs_by_the_table(unit, step):
    service = UNITS.services[f"estation-{unit}.service"]
    assert (service.watchdog_seconds, service.restart_seconds) == (step.notices, step.wait)
    assert (service.limit_starts, service.limit_seconds) == (step.tries, step.per)
    assert service.on_failure == (f"estation-safe@estation-{unit}.service",)


def test_safe_tries_again_only_when_the_start_limit_is_over():
    """A unit that is started again too early would only be refused."""
    assert ladder.SAFE.wait > max(ladder.PLAYER.per, ladder.CORE.per)
    for unit in ("player", "core"):
        safe = UNITS.services[f"estation-safe@estation-{unit}.service"]
        assert safe.success_action == "reboot"
        assert set(safe.on_failure) == {"estation-player.service", "estation-core.service"}
        assert safe.limit_seconds == 0
        assert safe.command[-1] == f"estation-{unit}"


def test_the_chip_is_asked_for_no_more_than_it_can_count():
    """The Pi's watchdog takes 60 s for 12 s: nobody writes more than 15."""
    config = configparser.ConfigParser()
    assert config.read(ROOT / "firmware/image/root/etc/systemd/system.conf.d/estation.conf")
    for name in ("RuntimeWatchdogSec", "RebootWatchdogSec"):
        assert unit_files.span(config["Manager"][name]) == ladder.CHIP.notices <= CHIP_SECONDS


def test_the_supervisor_s_patience_is_longer_than_every_rung_below_it():
    """It cuts the power only when nobody else can help any more; it takes the numbers that the Pi sends."""
    payload = words.say(words.PARAMETERS, *ladder.supervisor_parameters())
    assert words.parameters(payload) == ladder.supervisor_parameters()
    below = max(step.back for step in STEPS if step.rung < 3)
    assert ladder.POWER.notices > max(below, rules.BUDGET_SECONDS)
    assert UNITS.services["estation-core.service"].start_seconds <= ladder.BOOT_SECONDS
    cut = ladder.POWER.notices + ladder.WARNING_SECONDS + ladder.OFF_SECONDS + ladder.BOOT_SECONDS
    assert ladder.POWER.back == cut


def test_the_paper_says_what_the_table_says():
    """Whoever reads the diagram reads what the box does."""
    paper = (ROOT / "docs/ladder.md").read_text(encoding="utf-8")
    assert paper == ladder.page(), "run scripts/make-ladder"
    assert all(step.name in paper for step in STEPS)
