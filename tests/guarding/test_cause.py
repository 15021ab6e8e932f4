from __future__ import annotations

import pytest

from estation_box.drivers import watchdog
from estation_box.guarding.cause import CARD_RESET, POWER_ON, Facts, cause

CORE = "estation-core.service"


@pytest.mark.parametrize(
    ("found", "why"),
    [
        ({"supervisor_cut": True, "ended": "a", "reset_register": POWER_ON}, "supervisor"),
        ({"wanted": ("a", CORE), "reset_register": 0x20}, "fault"),
        ({"wanted": ("b", CORE), "reset_register": 0x20}, "watchdog"),  # it did not come to that reboot yet
        ({"wanted": ("a", ""), "watchdog_status": CARD_RESET}, "watchdog"),
        ({"reset_register": POWER_ON}, "power"),
        ({"ended": "a", "reset_register": POWER_ON | 0x20}, "power"),
        ({"ended": "a", "reset_register": 0x20}, "command"),
        ({"ended": "a", "watchdog_status": CARD_RESET}, "command"),
        ({"ended": "a"}, "power"),
        ({"ended": "b"}, "unknown"),
        ({"reset_register": 0x20}, "watchdog"),
        ({"watchdog_status": 0}, "power"),
        ({"reset_register": 0}, "power"),
        ({}, "unknown"),
    ],
)
def test_the_cause_of_a_boot_is_the_best_that_is_known(found, why):
    """The office hears whether it was the power, a hang, or the box itself; what is not known is not guessed."""
    assert cause(Facts(boot="b", **found)).why == why


def test_the_chip_s_words_are_read(tmp_path):
    status, register = tmp_path / "bootstatus", tmp_path / "rsts"
    assert watchdog.watchdog_status(status) is None
    assert watchdog.reset_register(register) is None
    status.write_text("32\n")
    register.write_bytes(b"\x00\x00\x10\x20")
    assert watchdog.watchdog_status(status) == CARD_RESET
    assert watchdog.reset_register(register) == POWER_ON | 0x20
    status.write_text("many")
    register.write_bytes(b"\x10")
    assert watchdog.watchdog_status(status) is None
    assert watchdog.reset_register(register) is None
