"""The recipe of the card image, as far as it can be judged without building one."""

from __future__ import annotations

import os
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from estation_box.apps.core import IMAGE_BUILD

ROOT = Path(__file__).parents[2]
IMAGE = ROOT / "firmware/image"
UNITS = sorted([*(IMAGE / "systemd").glob("*.service"), *(IMAGE / "root/etc/systemd/system").glob("*.service")])
EXPOSED_AT_MOST = 30  # tenths, of systemd's 0 (nothing may be touched) to 10 (everything)


PI = "http://localhost/raspbian"
MIRROR = {"MIRROR": "http://localhost/debian", "SECURITY_MIRROR": "http://localhost/security"}  # nothing is fetched


def sourced(stage: str, words: str) -> str:
    """What the recipe's own shell says."""
    command = ["bash", "-ec", f"source firmware/image/stages/{stage}; {words}"]
    return subprocess.run(command, cwd=ROOT, check=True, timeout=60, capture_output=True, text=True).stdout.strip()


def shell(folder: Path, *command: str | Path, **more: str | Path) -> subprocess.CompletedProcess[str]:
    """A step of the recipe, with a cache of its own."""
    where = {**MIRROR, "CACHE": str(folder / "cache"), "WORK": str(folder / "work"), **more}
    here = {**os.environ, **{name: str(value) for name, value in where.items()}}
    return subprocess.run(command, cwd=ROOT, check=False, timeout=60, capture_output=True, text=True, env=here)


def recipe(folder: Path, words: str, **more: str | Path) -> str:
    """What the part of the recipe says that knows where packages come from."""
    command = f"source firmware/image/stages/begin; source firmware/image/stages/sources; {words}"
    done = shell(folder, "bash", "-ec", command, **more)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_image_and_the_box_agree_on_the_day_before_which_it_cannot_be():
    """The dates in the image, the clock's floor at boot and core's own floor are one day."""
    assert datetime.fromtimestamp(int(sourced("begin", "echo $SOURCE_DATE_EPOCH")), UTC) == IMAGE_BUILD
    assert "usr/lib/clock-epoch" in (IMAGE / "stages/habits").read_text()


def test_all_units_are_judged():
    """A unit that is added to the image is judged with the others."""
    assert {path.name for path in UNITS} >= {
        "estation-core.service",
        "estation-drawn.service",
        "estation-grow.service",
        "estation-screen.service",
    }


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_of_the_image_can_touch_little(unit):
    """Each unit is judged by systemd itself, which notices a wall that was removed."""
    analyze = shutil.which("systemd-analyze")
    assert analyze, "run make set-up"
    command = [analyze, "security", "--offline=true", f"--threshold={EXPOSED_AT_MOST}", "--no-pager", str(unit)]
    judged = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert judged.returncode == 0, judged.stdout[-300:] + judged.stderr


def test_no_room_of_the_card_is_given_twice():
    """Partitions follow each other, and the initrd finds the card by the number that is written on it."""
    spans = [line for line in sourced("layout", "table").splitlines() if line.startswith("start=")]
    ends = 0
    for span in spans:
        start, size = (int(word.partition("=")[2]) for word in span.split(", ")[:2])
        assert start >= ends
        ends = start if span.endswith("type=5") else start + size  # the extended one holds those that follow
    assert ends <= int(sourced("layout", "echo $card_mib")) * 2048
    assert f"label-id: 0x{sourced('layout', 'echo $card')}" in sourced("layout", "table")


@pytest.fixture
def pi(tmp_path: Path) -> dict[str, str | Path]:
    """Raspberry Pi OS as a package source; the key is nobody's."""
    (tmp_path / "pi.gpg").write_bytes(b"key")
    return {"PI_MIRROR": f"{PI}/", "PI_KEYRING": tmp_path / "pi.gpg"}


def test_raspberry_pis_packages_come_only_where_they_are_asked_for(tmp_path, pi):
    """One more source, believed by its own key and no other."""
    assert PI not in recipe(tmp_path, "sources main")
    *debian, line = recipe(tmp_path, "sources main", **pi).splitlines()
    assert line == f"deb [arch=arm64 signed-by={pi['PI_KEYRING']}] {PI} trixie main"
    assert debian == recipe(tmp_path, "sources main").splitlines()


@pytest.mark.parametrize(
    ("stage", "listed", "kept"), [("root", "root", "root-{}.tar"), ("parts", "unpacked", "parts-{}")]
)
def test_what_was_built_with_raspberry_pis_packages_is_never_taken_for_an_image_without(
    tmp_path, pi, stage, listed, kept
):
    """The cache's keys: of the recipe alone without them; another one with them, with another mirror or another key."""
    files = [f"lists/{listed}", f"stages/{stage}", "stages/sources"]
    asked = f"recipe {stage} {listed}"
    plain, others = recipe(tmp_path, asked), [recipe(tmp_path, asked, **pi)]
    assert plain == recipe(tmp_path, "key " + " ".join(f"firmware/image/{name}" for name in files))
    others.append(recipe(tmp_path, asked, **pi | {"PI_MIRROR": f"{PI}/else"}))
    pi["PI_KEYRING"].write_bytes(b"other")
    others.append(recipe(tmp_path, asked, **pi))
    assert len({plain, *others}) == 4
    for key, more in ((plain, {}), (others[-1], pi)):
        there = tmp_path / "cache" / kept.format(key)
        there.touch()
        assert shell(tmp_path, IMAGE / "stages" / stage, **more).stdout.strip() == str(there)


@pytest.mark.parametrize("stage", ["root", "parts"])
@pytest.mark.parametrize("key", ["", "nowhere.gpg"])
def test_raspberry_pis_packages_without_their_key_are_refused(tmp_path, stage, key):
    """Packages that nobody can tell from forged ones are not fetched; the words say where the key is."""
    done = shell(tmp_path, IMAGE / "stages" / stage, PI_MIRROR=PI, PI_KEYRING=key)
    assert done.returncode == 1
    assert "PI_KEYRING names no key" in done.stderr
    assert "raspberrypi-archive-keyring" in done.stderr
    assert not any((tmp_path / "cache").iterdir())


@pytest.mark.parametrize(("size", "taken"), [(450_000_000, True), (450_000_001, False)])
def test_an_image_that_is_larger_than_promised_is_refused(tmp_path, size, taken):
    """An office fetches 450 MB at most; the build ends where it would be more."""
    pressed = tmp_path / "estation.img.zst"
    pressed.touch()
    os.truncate(pressed, size)
    done = shell(tmp_path, "bash", "-ec", f"source firmware/image/stages/layout; light {pressed}")
    assert (done.returncode == 0) == taken
    assert ("450 MB is the most" in done.stderr) != taken
    assert 'light "$out.zst"' in (IMAGE / "stages/disk").read_text()


@pytest.mark.parametrize("name", ["estation-network.service", "NetworkManager.service.d/walls.conf"])
def test_systemd_itself_finds_a_fault_in_what_only_the_image_has(tmp_path, name):
    """Its units, and what it adds to Debian's, are read by the real systemd, which bites."""
    units = [shutil.copytree(IMAGE / folder, tmp_path / folder) for folder in ("systemd", "root/etc/systemd/system")]
    check = [ROOT / "scripts/check-units", *units]
    assert shell(tmp_path, *check).stderr == ""
    faulty = units[1] / name
    faulty.write_text(faulty.read_text().replace("[Service]", "[Service]\nProtectEverything=yes"))
    done = shell(tmp_path, *check)
    assert done.returncode == 1
    assert "ProtectEverything" in done.stderr
