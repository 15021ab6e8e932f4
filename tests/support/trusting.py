"""The box's trust alone, without the rest of a visit: what it took, and what it says why it did not."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

import msgspec

from estation_box.drivers.content_store import ContentStore
from estation_box.drivers.folder import Folder
from estation_box.drivers.http import HttpSource
from estation_box.drivers.library_writer import LibraryWriter
from estation_box.drivers.tuf import TufClient
from estation_box.drivers.two_copies import TwoCopies
from estation_box.library.content import Copied, Ingest
from estation_box.library.interfaces import Stick, SyncError
from estation_box.library.trust import NO_TIME, Trust
from estation_box.words import Said
from estation_wire.bulletins import Bulletin, Bulletins
from estation_wire.library import Programme, Rule
from studio.stick import write_stick
from tests.support.library import NOW, ZONE, Made
from tests.support.sync_box import Box

COUNTY = "653101"
TOWNSHIP = "653101102"


def copied(made: Made, folder: Path) -> Made:
    """A publisher that the test may change."""
    shutil.copytree(made.studio, folder / "studio")
    shutil.copytree(made.stick, folder / "stick")
    return made._replace(studio=folder / "studio", stick=folder / "stick", root=folder / "studio/root.json")


def refreshed(box: Box, stick: Path | Stick, region: str = COUNTY, floor: datetime = NO_TIME) -> Said | bool:
    """Whether the documents changed, or why nothing was taken."""
    client = TufClient(box.state / "tuf", box.configuration / "root.json")
    with LibraryWriter(box.state / "library.db") as books:
        trust = Trust(client, TwoCopies(box.state / "tuf-mark"), books)
        try:
            if not isinstance(stick, Path):
                return trust.refresh(stick, floor, region)
            with Folder(stick) as folder:
                return trust.refresh(folder, floor, region)
        except SyncError as error:
            return error.said


def again(made: Made) -> Path:
    """The stick with what the studio has now."""
    write_stick(made.studio, made.stick)
    return made.stick


def rules(box: Box) -> set[str]:
    with LibraryWriter(box.state / "library.db") as books:
        programme = books.programme()
    return {rule.id for rule in programme.rules} if programme else set()


def bulletins(box: Box) -> dict[str, str]:
    """The bulletins' priorities, by id."""
    with LibraryWriter(box.state / "library.db") as books:
        document = books.bulletins()
    return {each.id: each.priority for each in document.bulletins} if document else {}


def programme_of(made: Made, rule: str) -> bytes:
    """A delegate's programme of one rule."""
    event = f"BEGIN:VEVENT\r\nDTSTART;TZID={ZONE}:20261124T090000\r\nRRULE:FREQ=WEEKLY\r\nEND:VEVENT"
    contents = tuple(made.published.contents.values())
    document = Programme(v=1, version=1, rules=(Rule(id=rule, event=event, timezone=ZONE, contents=contents),))
    return msgspec.json.encode(document)


def bulletin_of(name: str, priority: str = "emergency") -> bytes:
    """A delegate's one bulletin."""
    one = Bulletin(id=name, priority=priority, titles={"zh-Hans": "沙尘暴"}, issued=NOW)
    return msgspec.json.encode(Bulletins(v=1, version=1, bulletins=(one,)))


def fetched(
    box: Box, source: HttpSource, region: str = COUNTY, floor: datetime = NO_TIME
) -> tuple[Said | bool, Copied]:
    """What the network brought: the documents, and then the videos that they name."""
    took = refreshed(box, source, region, floor)
    with LibraryWriter(box.state / "library.db") as books:
        sizes = books.contents()
        ids = sorted(sizes.keys() - books.holdings())
        cache = ContentStore(box.state / "cache", 0)
        return took, Ingest(source, books, cache, box.ears, ("en",)).run(ids, sizes)
