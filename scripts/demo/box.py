"""The demo's box: the real units under a small stand-in for PID 1, and a folder that stands for its stick."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Final

from estation_wire import stick
from scripts.demo.centre import MINIMUM_SECONDS, REGION, STATION, TIMEZONE, TITLE, Centre
from scripts.demo.processes import Children

UNITS: Final = Path("firmware/image/systemd")
COUNTDOWN_SECONDS: Final = 15
SYNC_SECONDS: Final = 60.0


class Box:
    """One box under ``root``; ``stick`` is in its slot while the folder of that name exists."""

    def __init__(self, children: Children, root: Path) -> None:
        self._children = children
        self.root = root = root.resolve()  # the units run in another folder
        self.state = root / "var/lib/estation"
        self.slot = root / "slot"

    def prepare(self, trust_root: Path, *, virtual: bool, heard: bool | None = None, cec: Path | None = None) -> None:
        """What the image would hold: the publisher's root, and how this machine shows a picture.

        On a virtual screen it fills the screen, without sound unless ``heard``; on somebody's desk it is a window
        with sound. ``cec``: the wire to a TV, where there is one.
        """
        audio = "pulse,alsa,null" if heard or (heard is None and not virtual) else "null"
        configuration = self.root / "etc/estation"
        configuration.mkdir(parents=True, exist_ok=True)
        shutil.copy(trust_root, configuration / "root.json")
        (configuration / "box.toml").write_text(
            f'[video]\noutput = "x11"\naudio = "{audio}"\nfullscreen = {json.dumps(virtual)}\n\n'
            f"[stick]\nfolder = {json.dumps(str(self.slot))}\n"
            + (f"[tv]\ncec = {json.dumps(str(cec.resolve()))}\n" if cec is not None else ""),
            encoding="utf-8",
        )

    def start(self, display: str) -> None:
        """The power is there."""
        self._children.start(
            "box",
            [sys.executable, "-m", "estation_box.simulated.init", "--units", UNITS, "--root", self.root],
            DISPLAY=display,
        )

    def put_in(self, held: Path) -> None:
        """Put a stick into the slot."""
        held.rename(self.slot)

    def pull(self, held: Path) -> None:
        """Pull the stick."""
        self.slot.rename(held)

    def wait_receipt(self, name: str) -> None:
        """Wait until the box has left a receipt (or a request) on the stick."""
        path = self.slot / stick.returned(STATION) / name
        self._children.wait(f"the box has left its {name} on the stick", path.exists, SYNC_SECONDS)

    def wait_certificate(self) -> None:
        """Wait until the box has taken its certificate."""
        self._children.wait("the box has taken its certificate", (self.state / "certificate.pem").exists, SYNC_SECONDS)


def write_profile(path: Path, centre: Centre) -> None:
    """The station's profile, as a clerk would fill it in."""
    path.write_text(
        f"""station = "{STATION}"
region = "{REGION}"
name = "{TITLE}"
timezone = "{TIMEZONE}"
languages = ["zh-Hans", "en"]
subtitles = ["zh-Hans", "en"]
countdown_seconds = {COUNTDOWN_SECONDS}
health_seconds = 5

[site]
id = "demo-village"
kind = "village"
name = "示范村"

[minimum]
sessions = 1
seconds = {MINIMUM_SECONDS}

[centre]
host = "127.0.0.1"
port = {centre.ports.tls}
websocket_port = {centre.ports.websocket}
authority_file = {json.dumps(str(centre.authority.resolve()))}
""",
        encoding="utf-8",
    )
