"""`scripts/flash --settings`: a card with a box.toml of its own, and the boot words of a TV by composite."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BOOT = ROOT / "firmware/image/boot"
AT = 2048  # sectors; the boot partition of this small card


def run(*command: str | Path, **more) -> subprocess.CompletedProcess:
    return subprocess.run(list(map(str, command)), check=True, capture_output=True, timeout=60, **more)


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    """The boot partition of an image, where the image's own is: the second."""
    folder = tmp_path_factory.mktemp("image")
    card, part = folder / "card.img", folder / "part"
    card.write_bytes(b"")
    for path, size in ((card, 6 << 20), (part, 4 << 20)):
        with path.open("ab") as file:
            file.truncate(size)
    run("sfdisk", "-q", card, input=f"label: dos\nstart=1024,size=1024,type=c\nstart={AT},size=8192,type=c\n".encode())
    run("mkfs.vfat", "-F", "12", part)
    (folder / "initrd").write_bytes(b"")
    for path in (BOOT / "config.txt", BOOT / "cmdline.txt", folder / "initrd"):
        run("mcopy", "-i", part, path, "::")
    run("dd", f"if={part}", f"of={card}", "bs=512", f"seek={AT}", "conv=notrunc", "status=none")
    return card


def flashed(image: Path, folder: Path, settings: str) -> subprocess.CompletedProcess:
    (folder / "tube.toml").write_text(settings)
    (folder / "card").write_bytes(bytes(image.stat().st_size))
    command = [ROOT / "scripts/flash", folder / "card", "--image", image, "--settings", folder / "tube.toml", "--yes"]
    here = {**os.environ, "MIRROR": "http://localhost/none"}  # nothing is fetched: apt need not be asked where from
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=60, env=here)


def of(card: Path, name: str) -> bytes:
    return run("mtype", "-i", f"{card}@@{AT * 512}", f"::{name}").stdout


def own(card: Path) -> bytes:
    """The archive behind the initrd."""
    return run("zstd", "-dc", input=of(card, "initrd")).stdout


def test_a_card_for_a_tube_tells_firmware_kernel_and_box(image, tmp_path):
    """PAL, 4:3, the connector lit although no tube says that it is there; and the box's own words beside them."""
    done = flashed(image, tmp_path, '[tv]\npicture = "composite"\noverscan = 7\n')
    assert done.returncode == 0, done.stderr
    card = tmp_path / "card"
    assert of(card, "config.txt").startswith((BOOT / "config.txt").read_bytes())
    assert b"\nsdtv_mode=2\n" in of(card, "config.txt")
    [line] = of(card, "cmdline.txt").splitlines()
    assert line.startswith((BOOT / "cmdline.txt").read_bytes().strip())
    assert line.endswith(b" video=Composite-1:720x576@50ie,tv_mode=PAL")
    assert b"etc/estation/box.toml" in own(card)
    assert b"overscan = 7" in own(card)


def test_a_card_for_hdmi_has_its_settings_and_boots_as_ever(image, tmp_path):
    done = flashed(image, tmp_path, "[light]\nbcm = 27\n")
    assert done.returncode == 0, done.stderr
    assert of(tmp_path / "card", "config.txt") == (BOOT / "config.txt").read_bytes()
    assert of(tmp_path / "card", "cmdline.txt") == (BOOT / "cmdline.txt").read_bytes()
    assert b"bcm = 27" in own(tmp_path / "card")


def test_settings_that_the_box_would_not_understand_do_not_go_on_a_card(image, tmp_path):
    done = flashed(image, tmp_path, '[tv]\npicture = "scart"\n')
    assert done.returncode == 1
    assert "tube.toml" in done.stderr
    assert "scart" in done.stderr
    assert not any((tmp_path / "card").read_bytes())
