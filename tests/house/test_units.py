"""The units that go into the image: what they start, how long they may hang, and how little each may touch."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from estation_box.drivers.profile_store import KEY
from estation_box.simulated import unit_files

UNITS = Path(__file__).parents[2] / "firmware/image/systemd"
SERVICES = ("estation-player.service", "estation-core.service", "estation-sync.service", "estation-stick.service")
SERVICES += ("estation-fetch.service", "estation-safe@estation-core.service")
EXPOSED_AT_MOST = 30  # tenths, of systemd's 0 (nothing may be touched) to 10 (everything)
SECONDS = 60


def file(name: str) -> Path:
    """The file of a unit, or of the template that it is an instance of."""
    return UNITS / re.sub(r"@.*\.", "@.", name)


@pytest.fixture(scope="module")
def units():
    return unit_files.read(UNITS)


@pytest.mark.parametrize("name", SERVICES)
def test_what_a_unit_starts_is_there(units, name):
    """A box never boots into a program that was renamed."""
    flag, module, *_ = units.services[name].command
    assert flag == "-m"
    assert importlib.util.find_spec(module) is not None


def test_a_hung_player_or_core_is_noticed_and_comes_back(units):
    """The picture is back within seconds; the box's head may wait for its card for longer."""
    watched = {
        name: (service.kind, service.watchdog_seconds, service.restart, service.restart_seconds)
        for name, service in units.services.items()
        if service.watchdog_seconds
    }
    assert watched == {
        "estation-player.service": ("notify", 3.3, "always", 0.1),
        "estation-core.service": ("notify", 10, "always", 0.1),
    }


@pytest.mark.parametrize("name", SERVICES)
def test_no_unit_gives_up(units, name):
    """A screen that is plugged in late, or a stick with a bad contact, leaves nothing switched off for good."""
    service = units.services[name]
    assert service.limit_seconds == 0 or service.on_failure == (f"estation-safe@{name}",)


def test_nobody_takes_over_for_two(units):
    """A unit that takes over for two is told one's name by systemd: each has its own."""
    handlers = [other for service in units.services.values() for other in service.on_failure if "safe" in other]
    assert len(handlers) == len(set(handlers)) == 2


@pytest.mark.parametrize("name", SERVICES)
def test_a_unit_can_touch_little(name):
    """A unit that was taken over could do little: systemd itself judges it, and notices a wall that was removed."""
    analyze = shutil.which("systemd-analyze")
    assert analyze, "run make set-up"
    judged = subprocess.run(
        [analyze, "security", "--offline=true", f"--threshold={EXPOSED_AT_MOST}", "--no-pager", str(file(name))],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert judged.returncode == 0, judged.stdout[-200:] + judged.stderr


def test_what_takes_over_in_the_end_needs_no_privilege(units):
    """Safe mode reboots the box by its exit code: it holds no capability, and PID 1 does the rest."""
    safe = units.services["estation-safe@estation-core.service"]
    assert (safe.success_action, safe.restart, safe.final_exits) == ("reboot", "on-failure", frozenset({75}))
    assert "\nCapabilityBoundingSet=\n" in file("estation-safe@estation-core.service").read_text()


def test_what_reaches_the_network_has_no_key_or_decodes_nothing():
    """What decodes films and what reads strangers' sticks has no network to tell anybody anything."""
    alone = {name for name in SERVICES if "\nPrivateNetwork=yes\n" in file(name).read_text()}
    assert alone == {"estation-player.service", "estation-sync.service", "estation-stick.service"}


def test_what_fetches_by_network_cannot_read_the_key():
    """Who takes over the process that reads what servers send gets neither the station's key nor its records."""
    text = (UNITS / "estation-fetch.service").read_text()
    lines = [line.partition("=") for line in text.splitlines()]
    covered = {path for name, _, paths in lines if name == "InaccessiblePaths" for path in paths.split()}
    state = "/var/lib/estation"
    assert {f"-{state}/{KEY}", f"-{state}/journal.db", "-/media"} <= covered
    assert "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6\n" in text
