"""`scripts/flash`: a card is written and read back; nothing else of a technician's computer is ever written to."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from firmware.image import flash

ROOT = Path(__file__).parents[2]
MIB = 1 << 20
STICK = {"path": "/dev/sdz", "size": 8 * MIB, "model": "Stick ", "rm": True, "hotplug": True, "ro": False}
STICK |= {"type": "disk", "mountpoints": [None]}


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """An image of nine MiB, which is no whole number of blocks."""
    path = tmp_path / "estation.img"
    path.write_bytes(os.urandom(MIB) + bytes(7 * MIB) + os.urandom(MIB))
    return path


@pytest.fixture
def card(tmp_path: Path) -> Path:
    path = tmp_path / "card"
    path.write_bytes(b"\xff" * 12 * MIB)
    return path


def flashed(*words: str | Path) -> subprocess.CompletedProcess[str]:
    command = [str(ROOT / "scripts/flash"), *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("pressed", [False, True])
def test_the_card_holds_the_image_and_keeps_what_lies_behind_it(image, card, pressed):
    """What was written is read back; the rest of a larger card is left alone."""
    given = image
    if pressed:
        given = image.with_suffix(".img.zst")
        subprocess.run(["zstd", "-q", image, "-o", given], check=True, timeout=60)
    done = flashed(card, "--image", given, "--yes")
    assert done.returncode == 0, done.stderr
    whole = image.read_bytes()
    assert card.read_bytes() == whole + b"\xff" * (12 * MIB - len(whole))
    assert "written 100 %" in done.stderr
    assert "read back 100 %" in done.stderr


def test_nothing_is_written_before_it_is_said_twice(image, card):
    """A wrong letter costs nothing."""
    done = flashed(card, "--image", image)
    assert done.returncode == 0
    assert "--yes" in done.stdout
    assert card.read_bytes() == b"\xff" * 12 * MIB


def test_a_card_that_is_too_small_is_refused_before_it_is_written(image, card):
    os.truncate(card, 8 * MIB)
    done = flashed(card, "--image", image, "--yes")
    assert done.returncode == 1
    assert "take a larger card" in done.stderr
    assert card.read_bytes() == b"\xff" * 8 * MIB


def test_an_image_that_was_never_made_is_asked_for(card, tmp_path):
    done = flashed(card, "--image", tmp_path / "none.img", "--yes")
    assert done.returncode == 1
    assert "make image" in done.stderr


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({}, ""),
        ({"rm": False}, ""),  # a USB disk in a case says that it is plugged in
        ({"rm": False, "hotplug": False}, "neither a card nor a stick"),
        ({"type": "loop"}, "neither a card nor a stick"),
        ({"ro": True}, "cannot be written to"),
        ({"size": 0}, "no card in it"),
        ({"mountpoints": ["/"]}, "in use (/)"),
        ({"mountpoints": ["[SWAP]"]}, "in use ([SWAP])"),
        ({"children": [{"mountpoints": [None], "children": [{"mountpoints": ["/secret"]}]}]}, "in use (/secret)"),
    ],
)
def test_which_disks_are_cards(told, why):
    """A computer's own disks, and what is in use, are refused; a locked volume on a stick is in use as well."""
    assert why in flash.judged(STICK | told).why_not
    assert bool(why) == bool(flash.judged(STICK | told).why_not)


def test_this_computers_own_disks_are_refused(image):
    """The disk that this test runs from is no card; one that is not there is no disk."""
    for disk in flash.disks():
        if any(place == "/" for place in disk.why_not.partition("(")[2].partition(")")[0].split(", ")):
            assert "in use" in flashed(disk.path, "--image", image).stderr
    assert "no whole disk" in flashed("/dev/null", "--image", image).stderr


def test_a_card_that_loses_a_block_is_found(image, card):
    """A card that gives back something else than it was given is told by its sum."""
    written = flash.write(image, card, lambda done: None)
    assert flash.read_back(card, image.stat().st_size, lambda done: None) == written
    with card.open("r+b") as there:
        there.seek(4 * MIB)
        there.write(b"\x01")
    assert flash.read_back(card, image.stat().st_size, lambda done: None) != written


@pytest.fixture
def loop(tmp_path: Path) -> Iterator[Path]:
    backing = tmp_path / "disk"
    backing.write_bytes(bytes(16 * MIB))
    done = subprocess.run(["losetup", "--find", "--show", backing], check=True, capture_output=True, timeout=60)
    device = Path(done.stdout.decode().strip())
    try:
        yield device
    finally:
        subprocess.run(["losetup", "--detach", device], check=True, timeout=60)


@pytest.mark.root
def test_a_block_device_is_written_and_read_back_from_itself(image, loop):
    """The same on a real block device, behind the kernel's memory."""
    written = flash.write(image, loop, lambda done: None)
    assert flash.read_back(loop, image.stat().st_size, lambda done: None) == written


@pytest.mark.root
def test_a_disk_that_is_neither_card_nor_stick_is_refused(image, loop):
    done = flashed(loop, "--image", image)
    assert done.returncode == 1
    assert "neither a card nor a stick" in done.stderr
