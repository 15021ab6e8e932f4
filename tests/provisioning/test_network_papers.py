"""The helper that tells NetworkManager: with the unit's one capability, on papers that are another account's."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from estation_box.drivers import connections
from estation_box.drivers.profile_store import PROFILE
from estation_wire.network import Modem, Network, Wifi
from tests.support.library import make_profile

ROOT = Path(__file__).parents[2]
SOMEBODY = 770  # the box's own account, as the image numbers it
CABLE = {f"{connections.CONNECTIONS}/wired.nmconnection"}
NETWORK = Network(wifi=(Wifi(ssid="school", passphrase="eight or more"),), modem=Modem(usb="2c7c:0125", apn="cmnet"))


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A box's state folder with a profile, closed to everybody but its own account."""
    folder = tmp_path / "state"
    folder.mkdir(mode=0o700)
    (folder / PROFILE).write_bytes(msgspec.json.encode(make_profile("-", network=NETWORK)))
    os.chown(folder, SOMEBODY, SOMEBODY)
    return folder


def helped(state: Path, root: Path, capabilities: str) -> set[str]:
    """The files below ``root`` after the helper ran as root with these capabilities alone."""
    code = "import pathlib, estation_box.apps.network as helper\n"
    code += f"raise SystemExit(helper.main(pathlib.Path({str(root)!r})))"
    walls = ["setpriv", f"--bounding-set=-all{capabilities}", "--no-new-privs"]
    folders = {"STATE_DIRECTORY": str(state), "RUNTIME_DIRECTORY": "/run", "CONFIGURATION_DIRECTORY": "/etc"}
    environment = {**os.environ, **folders, "PYTHONPATH": str(ROOT / "firmware")}
    subprocess.run([*walls, sys.executable, "-c", code], check=True, timeout=60, env=environment, capture_output=True)
    return {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}


@pytest.mark.root
def test_the_one_capability_is_enough_and_is_needed(state, tmp_path):
    """Root that may pass by no permission cannot read the papers, a cable is all; with the leave there is more."""
    root = tmp_path / "root"
    root.mkdir()
    assert helped(state, root, "") == CABLE
    names = {f"{connections.CONNECTIONS}/{name}.nmconnection" for name in ("wired", "wifi-0", "modem")}
    assert helped(state, root, ",+dac_read_search") == {*names, f"{connections.LET_IN}/2c7c:0125"}


@pytest.mark.root
def test_a_box_that_is_made_bare_has_a_cable_and_no_other_network(state, tmp_path):
    root = tmp_path / "root"
    root.mkdir()
    assert helped(state, root, ",+dac_read_search")
    (state / PROFILE).unlink()
    assert helped(state, root, ",+dac_read_search") == CABLE
