"""A box as far as sync is concerned: its folders, and sync in this process or in one of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

import msgspec

from estation_box.drivers import identity
from estation_box.drivers.content_store import ContentStore
from estation_box.drivers.folder import Folder
from estation_box.drivers.keys import BoxKeys
from estation_box.drivers.library_writer import LibraryWriter
from estation_box.drivers.picture_store import PictureStore
from estation_box.drivers.profile_store import ProfileStore, load_profile
from estation_box.drivers.tuf import TufClient
from estation_box.drivers.two_copies import TwoCopies
from estation_box.library.receipt import Receipt
from estation_box.library.service import Parts, Sync
from estation_box.library.sync_words import Progress, Synced, SyncRequest
from estation_box.library.trust import NO_TIME, Trust
from estation_box.provisioning.service import Provisioner
from estation_wire.blocks import BLOCK_BYTES, content_id, digest
from tests.support.library import NOW

ROOT = Path(__file__).parents[2]
FIRMWARE = ROOT / "firmware"
SYNC = "estation_box.apps.sync"
ON_TIME = ("--now", NOW.isoformat())  # the library of these tests expires one day


class Ears:
    """Core, as far as it hears progress."""

    def __init__(self) -> None:
        self.heard: list[Progress] = []
        self.now = 0.0

    def progress(self, word: Progress) -> None:
        self.heard.append(word)

    def up(self) -> float:
        return self.now

    @property
    def words(self) -> list[str]:
        return [word.words for word in self.heard]


class Box:
    """The folders of one box. ``reserve``: bytes of the card that stay free."""

    def __init__(self, folder: Path, root: Path, reserve: int = 0) -> None:
        self.state, self.runtime, self.configuration = folder / "state", folder / "run", folder / "etc"
        for made in (self.state, self.runtime, self.configuration):
            made.mkdir(parents=True, exist_ok=True)
        (self.configuration / "root.json").write_bytes(root.read_bytes())
        self.reserve = reserve
        self.serial = identity.serial()
        self.ears = Ears()

    def visit(self, stick, *, now: datetime = NOW, floor: datetime = NO_TIME) -> Synced:
        """One stick (a path, or a simulated one) in this process."""
        with ExitStack() as stack:
            if isinstance(stick, Path):
                stick = stack.enter_context(Folder(stick))
            return self._sync(stack, floor).stick(stick, now)

    def daily(self, now: datetime) -> Synced:
        """The daily expansion, without a stick."""
        with ExitStack() as stack:
            return self._sync(stack, NO_TIME).daily("timer", now)

    def _sync(self, stack: ExitStack, floor: datetime) -> Sync:
        books = stack.enter_context(LibraryWriter(self.state / "library.db"))
        trust = Trust(
            TufClient(self.state / "tuf", self.configuration / "root.json"), TwoCopies(self.state / "tuf-mark"), books
        )
        registrar = Provisioner(BoxKeys(self.state / "key.pem"), ProfileStore(self.state, self.serial))
        cache = ContentStore(self.state / "cache", self.reserve)
        gallery = PictureStore(self.state / "pictures")
        return Sync(Parts(trust, books, books, books, cache, registrar, self.ears, gallery), floor)

    def start(
        self, stick: Path | None, *arguments: str, prefix: tuple[str, ...] = (), module: str = SYNC
    ) -> subprocess.Popen[bytes]:
        """The real process, with a request for ``stick`` (None: the daily start)."""
        if stick is not None:
            request = SyncRequest(source="stick", root=str(stick))
            (self.runtime / "sync-request").write_bytes(msgspec.json.encode(request))
        environment = {
            **os.environ,
            "STATE_DIRECTORY": str(self.state),
            "RUNTIME_DIRECTORY": str(self.runtime),
            "CONFIGURATION_DIRECTORY": str(self.configuration),
            "PYTHONPATH": f"{FIRMWARE}:{ROOT}",
        }
        command = [*prefix, sys.executable, "-m", module, *(arguments or (() if prefix else ON_TIME))]
        return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def run(self, stick: Path | None, *arguments: str, prefix: tuple[str, ...] = ()) -> str:
        """The real process to its end; what it said."""
        process = self.start(stick, *arguments, prefix=prefix)
        out, error = process.communicate(timeout=60)
        assert process.returncode == 0, error.decode()
        return (out + error).decode()

    def held(self) -> set[str]:
        """What the database says is held, each proved by its bytes."""
        with LibraryWriter(self.state / "library.db") as books:
            holdings = books.holdings()
        for content in holdings:
            data = (self.state / "cache" / content).read_bytes()
            blocks = b"".join(digest(data[at : at + BLOCK_BYTES]) for at in range(0, len(data), BLOCK_BYTES))
            assert content_id(blocks) == content, "a corrupt content is held"
        return set(holdings)

    @property
    def profile(self):
        return load_profile(self.state, self.serial)


def receipt_of(stick: Path, station: str = "hall-0007") -> Receipt:
    """The receipt that the box of a station left."""
    raw = (stick / "ESTATION/returned" / station / "receipt.json").read_bytes()
    return msgspec.json.decode(raw, type=Receipt)
