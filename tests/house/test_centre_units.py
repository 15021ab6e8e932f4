"""The centre's units: what they start, how little each may touch, and who can read the authority's key."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest

from estation_central import command

UNITS: Final = Path(__file__).parents[2] / "central/systemd"
SERVICES: Final = sorted(path.name for path in UNITS.glob("*.service"))
EXPOSED_AT_MOST: Final = 30  # tenths, as the box's
OURS: Final = "/opt/estation/bin/estation-central "
GIVES_CERTIFICATES: Final = {"estation-enrol", "estation-site", "estation-backup"}
"""Who may read the key: enrolment signs, the pages take a stolen box's certificate back, a copy is a copy of all."""
SECONDS: Final = 60


def started(name: str) -> str:
    (line,) = re.findall(r"^ExecStart=(.*)$", (UNITS / name).read_text(), re.MULTILINE)
    return str(line)


def test_what_a_unit_starts_is_there() -> None:
    """A server never boots into a command that was renamed."""
    ours = [started(name).removeprefix(OURS) for name in SERVICES if started(name).startswith(OURS)]
    assert len(ours) == 8
    for line in ours:
        assert command._parser().parse_args(shlex.split(line)).run


def test_every_timer_has_its_service_and_is_made_up() -> None:
    """A server that was off at night makes its copy in the morning."""
    timers = sorted(UNITS.glob("*.timer"))
    assert {timer.stem for timer in timers} == {
        "estation-alert",
        "estation-digest",
        "estation-erase",
        "estation-backup",
        "estation-lists@",
    }
    for timer in timers:
        assert (UNITS / f"{timer.stem}.service").exists()
        assert "\nPersistent=yes\n" in timer.read_text()


@pytest.mark.parametrize("name", SERVICES)
def test_a_unit_can_touch_little(name: str) -> None:
    """A unit that was taken over could do little: systemd itself judges it, and notices a wall that was removed."""
    analyze = shutil.which("systemd-analyze")
    assert analyze, "run make set-up"
    judged = subprocess.run(
        [analyze, "security", "--offline=true", f"--threshold={EXPOSED_AT_MOST}", "--no-pager", str(UNITS / name)],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert judged.returncode == 0, judged.stdout[-200:] + judged.stderr


def test_who_can_read_the_authoritys_key() -> None:
    """Nobody who does not have to: what speaks with boxes' messages, reckons or tells has it not."""
    hidden = set()
    for name in SERVICES:
        text = (UNITS / name).read_text()
        paths = {path for line in re.findall(r"^InaccessiblePaths=(.*)$", text, re.MULTILINE) for path in line.split()}
        state = "-/var/lib/estation-centre/authority"
        hidden |= {name.removesuffix(".service")} if paths & {state, f"{state}/authority.key"} else set()
    asks_systemd = {"estation-broker-reload", "estation-node-reload@"}
    elsewhere = {"estation-node@"}  # its machine has no authority's key
    seeing = {name.removesuffix(".service") for name in SERVICES} - hidden - asks_systemd - elsewhere
    assert seeing == GIVES_CERTIFICATES


def test_every_watch_starts_what_is_there() -> None:
    """What tells a broker that its lists are new watches the files that are written, and starts a unit that exists."""
    watched = {}
    for path in sorted(UNITS.glob("*.path")):
        assert (UNITS / f"{path.stem}.service").exists()
        text = path.read_text()
        assert "\nWantedBy=multi-user.target\n" in text
        watched[path.stem] = set(re.findall(r"^PathChanged=/var/lib/estation-centre/(.*)$", text, re.MULTILINE))
    mosquitto, node = {"authority/revoked.pem", "broker/access"}, {"cluster/%i/users.conf"}
    assert watched == {
        "estation-broker-reload": mosquitto,
        "estation-node-reload@": node,
        "estation-lists@": mosquitto | node,
    }


@pytest.mark.parametrize("kind", ["mosquitto", "a node"])
def test_lists_go_to_another_machine(tmp_path: Path, kind: str) -> None:
    """The unit's own command brings the lists, and nothing but them, through the one door that is open there."""
    centre, there = tmp_path / "centre", tmp_path / "there"
    there.mkdir()
    brought = ["authority/revoked.pem", "broker/access", *(["cluster/east/users.conf"] if kind == "a node" else [])]
    for name in [*brought, "authority/authority.key", "cluster/west/users.conf"]:
        (centre / name).parent.mkdir(parents=True, exist_ok=True)
        (centre / name).write_text(f"first {name}")
    line = tmp_path / "line"  # where ssh would be: the other side's forced command, with what was asked of it
    line.write_text(f'#!/bin/sh\nshift\nSSH_ORIGINAL_COMMAND="$*" exec rrsync -wo {there}\n')
    line.chmod(0o755)
    command = shlex.split(started("estation-lists@.service").replace("%i", "east"))
    for word in ("first", "later"):
        (centre / brought[-1]).write_text(f"{word} {brought[-1]}")
        subprocess.run([*command, "-e", str(line)], cwd=centre, check=True, timeout=SECONDS)
        assert (there / brought[-1]).read_text() == f"{word} {brought[-1]}"
    assert {str(path.relative_to(there)) for path in there.rglob("*") if path.is_file()} == set(brought)
