"""What the library needs from outside, and how what is outside may fail. Every failure carries its sentence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Protocol, Self

from msgspec import Struct

from estation_box.library import said
from estation_box.library.rules import Planned
from estation_box.library.said import Line
from estation_box.library.sync_words import Progress
from estation_box.words import Said
from estation_wire.bulletins import Bulletins
from estation_wire.library import Catalogue, Item, Poster, Programme, Provisioners
from estation_wire.planner import Length, Slot
from estation_wire.profile import Profile
from estation_wire.voices import Voice


class SyncError(Exception):
    """Something cannot be taken; ``said`` tells people why and what to do."""

    def __init__(self, said: Said, detail: str = "") -> None:
        super().__init__(f"{said.en}: {detail}" if detail else said.en)
        self.said = said


class StickError(SyncError):
    """The stick's fault."""


class MissingError(StickError):
    """There is no such file on the stick."""


class NotPlainError(StickError):
    """A link, a device, a pipe, or a way out of the stick: not opened."""


class UnreadableError(StickError):
    """The stick cannot be read: pulled, or broken."""


class UnwritableError(StickError):
    """Nothing can be written on the stick: it is read-only or full."""


class RefusedError(StickError):
    """What lies on the stick is not to be trusted, or not whole."""


class CardError(SyncError):
    """The box's own card refuses, or is full."""


class CardFullError(CardError):
    """The box's own card is full: something smaller may still fit."""


class OpenFile(Protocol):
    """One plain file of the stick, open for reading from its beginning."""

    size: int

    def readinto(self, buffer: memoryview, /) -> int:
        """Read at most ``len(buffer)`` bytes; 0 at the end. Raises `UnreadableError`."""
        ...

    def seek(self, offset: int, /) -> None:
        """Go on reading at ``offset``."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...


class Stick(Protocol):
    """The stick: names beneath its root, with ``/`` between the parts."""

    def open(self, name: str) -> OpenFile:
        """Open a plain file; raises `MissingError`, `NotPlainError` or `UnreadableError`."""
        ...

    def read(self, name: str, limit: int) -> bytes:
        """A plain file of at most ``limit`` bytes; raises as `open` does, or `RefusedError` above the limit."""
        ...

    def names(self, folder: str, limit: int) -> tuple[str, ...]:
        """The names in a folder, at most ``limit`` of them; empty where there is nothing of that name.

        Raises `NotPlainError` where a file or a link bears it, or another `StickError`.
        """
        ...

    def write(self, name: str, data: bytes) -> None:
        """Write a file durably, whole or not at all; raises `UnwritableError` or another `StickError`."""
        ...


class Wanted(Struct, frozen=True, kw_only=True):
    """One content to be copied: its signed id and size, and its proven block list."""

    id: str
    size: int
    blocks: tuple[bytes, ...]


class Cache(Protocol):
    """The box's content-addressed videos."""

    def room(self) -> int:
        """Bytes that may still be taken, the reserve left alone; negative by what is missing of the reserve."""
        ...

    def partial(self, content: str) -> int:
        """Bytes that an interrupted copy of ``content`` already takes up."""
        ...

    def take(self, wanted: Wanted, source: OpenFile, moved: Callable[[int], None]) -> None:
        """Copy, verify and keep one content, durably; ``moved`` hears of every block's bytes.

        An interrupted copy goes on behind its last good block. Raises `RefusedError` (damaged),
        `UnreadableError` (stick gone) or `CardError`; nothing that is not verified ever gets its final name.
        """
        ...

    def mend(self, wanted: Wanted, bad: tuple[int, ...], source: OpenFile, moved: Callable[[int], None]) -> bool:
        """Bring the ``bad`` blocks of a content anew, durably. Raises as `take`.

        False where its file is not whole, or a block cannot be read back: it is off the shelf then, and to be taken.
        """
        ...

    def files(self) -> dict[str, int]:
        """Bytes on the card by content id, interrupted copies too."""
        ...

    def remove(self, contents: tuple[str, ...]) -> None:
        """Remove these, whole or interrupted."""
        ...

    def clean(self, contents: frozenset[str], held: frozenset[str]) -> None:
        """Remove all but ``contents``; what of them is not ``held`` is an interrupted copy from now on."""
        ...


class Documents(Protocol):
    """The signed documents in the library's database. Every method raises `CardError` where the card refuses."""

    def digests(self) -> Mapping[str, str]:
        """The SHA-256 of each document that is loaded, in hex, by name."""
        ...

    def load(
        self,
        *,
        digests: Mapping[str, str],
        catalogue: Catalogue | None,
        programme: Programme | None,
        provisioners: Provisioners | None,
        bulletins: Bulletins | None,
        voices: tuple[Voice, ...] | None = None,
    ) -> None:
        """Put new documents in the place of the old, all in one transaction. ``voices``: who may send bulletins."""
        ...

    def programme(self) -> Programme | None:
        """The programme that is loaded."""
        ...

    def provisioners(self) -> Provisioners | None:
        """Who may sign profiles."""
        ...

    def bulletins(self) -> Bulletins | None:
        """The bulletins that are loaded."""
        ...

    def with_versions(self) -> dict[str, Item]:
        """The catalogue's films that have other versions, by content id."""
        ...

    def versions(self) -> tuple[int, int]:
        """The versions of catalogue and programme; 0 is none."""
        ...


class Stock(Protocol):
    """What the catalogue names and what is held. Every method raises `CardError` where the card refuses."""

    def contents(self) -> dict[str, int]:
        """The size of everything in the catalogue, by content id."""
        ...

    def items(self, ids: tuple[str, ...]) -> dict[str, Item]:
        """The catalogue's items among ``ids``."""
        ...

    def holdings(self) -> frozenset[str]:
        """Every content id that is held, whole and without a block that is known to be bad."""
        ...

    def lengths(self) -> dict[str, Length]:
        """The seconds of everything in the catalogue, by content id."""
        ...

    def have(self, content: str, size: int, block_list: bytes) -> None:
        """This content is verified and in the cache, every block of it."""
        ...

    def bad(self, content: str) -> tuple[int, ...]:
        """The blocks of a content that are known to be bad."""
        ...

    def forget(self, contents: tuple[str, ...]) -> None:
        """These are held no more."""
        ...


class Table(Protocol):
    """The table of slots. Every method raises `CardError` where the card refuses."""

    def posters(self) -> dict[str, Poster]:
        """The small pictures of the films that are held, by the film's content id."""
        ...

    def planned_until(self) -> datetime | None:
        """How far the table reaches; None where nothing was ever planned."""
        ...

    def plan(self, plan: Planned) -> bool:
        """Make the table say this; whether it said anything else before. Slots before ``plan.after`` stay."""
        ...

    def slots(self, after: datetime, until: datetime, *, yielding: bool = False) -> list[Slot]:
        """The planned sessions in ``after`` <= start < ``until``, by start; as asked, those that yield too."""
        ...


class Visit(Struct, frozen=True, kw_only=True):
    """What provisioning made of a stick."""

    station: str | None = None
    folder: str | None = None
    """The station in whose folder the receipt goes; None where nobody can say."""
    epoch: int = 0
    languages: tuple[str, ...] = ()
    timezone: str = "UTC"
    lines: tuple[Line, ...] = ()
    provisioned: bool = False
    certified: bool = False
    request: bytes | None = None


class Registrar(Protocol):
    """Provisioning, as the visit of a stick needs it."""

    def languages(self) -> tuple[str, ...]:
        """The station's languages, best first; empty for a bare box."""
        ...

    def profile(self) -> Profile | None:
        """What this station is; None for a bare box. Raises `CardError`."""
        ...

    def visit(self, stick: Stick, provisioners: Provisioners | None, floor: datetime) -> Visit:
        """Take the profile and the certificate that are meant for this box. Raises `CardError` only."""
        ...


class Listener(Protocol):
    """Core, if it is there."""

    def progress(self, word: Progress) -> None:
        """Work is going on; never raises and hardly waits."""
        ...

    def up(self) -> float:
        """Monotonic seconds, by which the progress is timed."""
        ...


def not_plain(name: str) -> NotPlainError:
    """The error for a name that leads to no plain file."""
    return NotPlainError(said.NOT_PLAIN.about(name=name.rpartition("/")[2]))
