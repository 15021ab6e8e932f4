"""A box with a network: a stick makes it a station, and the fetch process is run as a process."""

from __future__ import annotations

import json
import socket
import subprocess
import threading
from contextlib import suppress
from pathlib import Path

import msgspec

from estation_box.apps.fetch import TRIES, Remembered, remembered
from estation_box.library.sync_words import SyncRequest
from estation_wire.enrolment import Invitation
from estation_wire.network import Network
from estation_wire.profile import Centre
from studio import profiles
from studio.stick import write_stick
from tests.support.library import Made, make_profile
from tests.support.sync_box import Box

FETCH = "estation_box.apps.fetch"
STATION = "hall-0007"
OVER = b"over\n"


class NetBox(Box):
    """A box that a stick has made a station, with a network."""

    def __init__(self, folder: Path, made: Made, network: Network, invitation: Invitation | None = None) -> None:
        super().__init__(folder, made.root)
        self.network, self.invitation = network, invitation

    def provision(self, made: Made, pem: str | None = None) -> NetBox:
        """A stick with the profile is read once."""
        authority = pem or made.authority.pem
        centre = Centre(host="localhost", authority=authority, enrolment=self.invitation)
        profile = make_profile(authority, STATION, centre=centre, network=self.network)
        profiles.sign(made.studio, profile)
        write_stick(made.studio, made.stick, profiles=[profiles.path_of(made.studio, STATION)])
        assert self.visit(made.stick).provisioned
        return self

    def fetch(self, *arguments: str, ordered: bool = False, prefix: tuple[str, ...] = ()) -> str:
        """The real process to its end; what it said."""
        process = self.begin(*arguments, ordered=ordered, prefix=prefix)
        out, error = process.communicate(timeout=60)
        assert process.returncode == 0, error.decode()
        return (out + error).decode()

    def begin(self, *arguments: str, ordered: bool = False, prefix: tuple[str, ...] = ()) -> subprocess.Popen[bytes]:
        if ordered:
            request = SyncRequest(source="network", root="")
            (self.runtime / "fetch-request").write_bytes(msgspec.json.encode(request))
        return self.start(None, *arguments, module=FETCH, prefix=prefix)

    @property
    def tries(self) -> Remembered:
        return remembered(self.runtime / TRIES)

    @property
    def request(self) -> Path:
        return self.state / "request.pem"


class Ear:
    """Core's socket: every line that is said to it."""

    def __init__(self, box: Box) -> None:
        self.lines: list[dict] = []
        self._path = str(box.runtime / "core.sock")
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.bind(self._path)
        self._socket.listen()
        self._socket.settimeout(30)
        self._hearing = threading.Thread(target=self._hear, daemon=True)
        self._hearing.start()

    def _hear(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection, connection.makefile("rb") as words:
                for line in words:
                    if line == OVER:
                        return
                    self.lines.append(json.loads(line))

    def __enter__(self) -> list[dict]:
        return self.lines

    def __exit__(self, *_: object) -> None:
        """Hear out who has spoken before now: callers are heard one after the other."""
        with socket.socket(socket.AF_UNIX) as last, suppress(OSError):
            last.connect(self._path)
            last.sendall(OVER)
        self._hearing.join(30)
        self._socket.close()
