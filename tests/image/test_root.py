"""The image's root, asked under emulation without a boot: its own tools read what we wrote for them."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from packageurl import PackageURL

from estation_box.provisioning.connections import keyfiles
from estation_wire.network import Modem, Network, Wifi
from firmware.image import bill

ROOT = Path(__file__).parents[2]
IMAGE, MADE = ROOT / "firmware/image", ROOT / "build/image"
NETWORK = Network(
    wifi=(Wifi(ssid="学校 wifi", passphrase=" back\\slash and "), Wifi(ssid="open", hidden=True)),
    modem=Modem(usb="2c7c:0125", apn="cmnet"),
)
pytestmark = pytest.mark.system


def inside(*command: str, given: str | None = None) -> str:
    """What a program of the image says."""
    done = subprocess.run(
        ["chroot", str(MADE / "root"), *command], input=given, capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("name", keyfiles(NETWORK))
def test_networkmanager_reads_our_files_as_they_are_meant(name):
    """What the profile says of a network reaches NetworkManager letter by letter."""
    text = keyfiles(NETWORK)[name]
    read = inside("nmcli", "--offline", "connection", "modify", "connection.autoconnect", "yes", given=text)
    meant, got = settings(text), settings(read)
    assert meant.items() <= got.items()


def settings(text: str) -> dict[str, str]:
    """A keyfile's settings; a network's name, which NetworkManager writes in letters where it can, as letters."""
    found = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
    if found.get("ssid", "").endswith(";"):
        found["ssid"] = bytes(int(number) for number in found["ssid"].rstrip(";").split(";")).decode()
    if "psk" in found:
        found["psk"] = found["psk"].replace("\\s", " ").rstrip()
    return found


def test_udev_reads_our_rules():
    """A rule that udev cannot read would shut every port, or open it."""
    assert "Success: 2" in inside(
        "udevadm", "verify", "/etc/udev/rules.d/70-estation.rules", "/etc/udev/rules.d/72-estation-usb.rules"
    )


def test_the_list_of_what_is_inside_names_what_is_inside():
    """Each package that dpkg has, and each of Python, and no other."""
    purls = [
        PackageURL.from_string(part["purl"]) for part in json.loads((MADE / "sbom.cdx.json").read_text())["components"]
    ]
    query = inside("dpkg-query", "-W", "-f", "${db:Status-Abbrev}${Package} ${Version}\n").splitlines()
    installed = {tuple(line.split()[1:]) for line in query if line.startswith("ii ")}
    debian = {(purl.name, purl.version) for purl in purls if purl.type == "deb"}
    assert installed <= debian
    unpacked = {name for name, _ in debian - installed}
    listed = set((IMAGE / "lists/unpacked").read_text().split("\n")) - bill.TOOLS - {"linux-image-arm64"}
    assert {name for name in unpacked if not name.startswith("linux-image-")} == {
        name for name in listed if name[:1].isalpha()
    }
    assert any(name.startswith("linux-image-") for name in unpacked)
    words = "from importlib.metadata import distributions\nfor each in distributions(): print(each.name)"
    modules = inside("/usr/lib/estation/bin/python", "-c", words).split()
    assert sorted(modules) == sorted(purl.name for purl in purls if purl.type == "pypi")


def test_nothing_that_is_on_needs_what_is_off():
    """A service that begins with the box would not begin if what it requires were switched off."""
    enabled = sorted((MADE / "root/etc/systemd/system/multi-user.target.wants").iterdir())
    off = set((IMAGE / "lists/off").read_text().splitlines())
    units = [path.name for path in enabled if path.name not in off]
    assert "ModemManager.service" in units
    command = ["systemd-analyze", "verify", f"--root={MADE / 'root'}", "--man=no", *units]
    said = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False).stderr
    assert [line for line in said.splitlines() if line.endswith("is masked.")] == []


def test_every_service_that_is_judged_can_touch_little():
    """The build has judged ours and those that face the network; the list of what it judged is there."""
    walls = {
        name: float(score) for score, name in (line.split() for line in (MADE / "walls.txt").read_text().splitlines())
    }
    ours = {"estation-core.service", "estation-network.service"}
    theirs = {"NetworkManager", "wpa_supplicant", "ModemManager", "polkit", "systemd-timesyncd"}
    assert ours | {f"{name}.service" for name in theirs} <= walls.keys()
    assert max(walls.values()) <= 3.0
