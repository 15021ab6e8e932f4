"""What a builder of a hostile stick works on, and what it says must come of it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from tuf.api.metadata import Metadata
from tuf.api.serialization.json import JSONSerializer

from estation_box.library.trust import NO_TIME
from estation_box.words import Said
from estation_wire import stick as layout
from estation_wire.bulletins import BULLETINS_NAME
from estation_wire.library import CATALOGUE_NAME, PROGRAMME_NAME, PROVISIONERS_NAME
from studio.keyring import Keyring
from studio.publishing import publish
from studio.repository import Repository
from studio.stick import write_stick
from tests.support.library import NOW, Made, wall, write_source

NAMES = (CATALOGUE_NAME, PROGRAMME_NAME, PROVISIONERS_NAME, BULLETINS_NAME)
STATION = "hall-0007"
VIDEOS = 2
FILM_BYTES = 1024 * 1024 + 5000  # two blocks
METADATA = layout.METADATA
TIMESTAMP, SNAPSHOT, TARGETS = f"{METADATA}/timestamp.json", f"{METADATA}/1.snapshot.json", f"{METADATA}/1.targets.json"


class Scene(NamedTuple):
    """A good stick that the builder may change, its publisher, and a folder beside the stick that is not its own."""

    made: Made
    outside: Path

    @property
    def stick(self) -> Path:
        return self.made.stick

    @property
    def root(self) -> Path:
        return self.stick / layout.ROOT

    @property
    def films(self) -> list[str]:
        """The content ids, the next session's first."""
        return [self.made.published.contents[f"video-{number}"] for number in reversed(range(VIDEOS))]

    @property
    def film(self) -> Path:
        return self.at(layout.content(self.films[0]))

    @property
    def profile(self) -> Path:
        return self.at(layout.profile(STATION))

    def at(self, name: str) -> Path:
        return self.stick / name

    def document(self, name: str) -> Path:
        """Where a signed document lies."""
        (path,) = self.at(layout.TARGETS).glob(f"*.{name}")
        return path

    @property
    def repository(self) -> Repository:
        return Repository(self.made.studio / "repository", Keyring(self.made.studio / "keys"))

    def documents(self) -> dict[str, bytes]:
        """What the publisher signed."""
        return {name: self.repository.document(name) or b"" for name in NAMES}

    def publish(self, **changed: bytes) -> None:
        """Have these bytes signed as documents with the publisher's stolen keys, and bring them on the stick.

        By hand: our own studio writes no stick with documents that make no sense.
        """
        documents = {**self.documents(), **{f"{name}.json": raw for name, raw in changed.items()}}
        self.repository.publish(documents, NOW + timedelta(minutes=1))
        shutil.copytree(self.made.studio / "repository", self.root / "library", dirs_exist_ok=True)

    def newer(self, title: str = "Other") -> None:
        """The publisher's next library, on the stick."""
        start = wall(NOW + timedelta(minutes=30))
        write_source(self.made.source, videos=VIDEOS, start=start, title=title)
        publish(self.made.studio, self.made.source, now=NOW)
        write_stick(self.made.studio, self.stick)

    def resigned(self, name: str, role: str, change: Callable[[Metadata[Any]], None]) -> None:
        """Change a file of metadata and sign it anew with the publisher's keys."""
        path = self.at(f"{METADATA}/{name}")
        metadata = Metadata[Any].from_file(str(path))
        change(metadata)
        metadata.signatures.clear()
        for signer in Keyring(self.made.studio / "keys").signers(role):
            metadata.sign(signer, append=True)
        path.write_bytes(metadata.to_bytes(JSONSerializer(compact=True)))


class Attack(NamedTuple):
    """``said``: what a bare box has to say of it; None where it is to be passed over and all else is taken.

    ``takes``: whether a bare box may all the same become the station. ``before``: whether the box that holds the good
    library must say the sentence, and not the bare one. ``floor``: the time that it is at least.
    """

    build: Callable[[Scene], None]
    said: Said | None
    takes: bool = True
    before: bool = False
    floor: datetime = NO_TIME

    @property
    def name(self) -> str:
        return self.build.__name__


def says(reasons: tuple[str, ...], sentence: Said) -> bool:
    """Whether one of the reasons is this sentence, whatever facts are put in."""
    pattern = re.sub(r"\\\{[a-z]+\\\}", ".*", re.escape(sentence.zh))
    return any(re.fullmatch(pattern, reason) for reason in reasons)


def changed(raw: bytes, **fields: object) -> bytes:
    """A document with other fields, whether they make sense or not."""
    return msgspec.json.encode({**msgspec.json.decode(raw), **fields})
