"""Which partition of a stick is read, and whose turn it is where several are in. Pure: udev's facts in, moves out.

A stick as bought has one partition or none at all; a Mac puts an EFI partition first; some come as NTFS. Facts come
as a whole picture each time, so that nothing depends on the order of events, and nothing ever waits for a time.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

from estation_box.library import said
from estation_box.words import Said

Readable = Literal["vfat", "exfat"]
READABLE: Final[dict[str, Readable]] = {"vfat": "vfat", "exfat": "exfat"}
"""No other driver of the kernel ever sees what a stranger wrote."""
NTFS: Final = "ntfs"
EFI: Final = frozenset({"c12a7328-f81f-11d2-ba4b-00a0c93ec93b", "0xef"})  # in a GPT, in an MBR; as udev writes them


class Volume(NamedTuple):
    """A partition: its number, its node, its file system and its type (each as udev writes it, empty for none)."""

    number: int
    node: str
    filesystem: str
    kind: str


class Disk(NamedTuple):
    """A disk on USB. ``visit``: another word each time that something is put in; ``sectors``: 0 without a medium.

    ``table``: the kind of its partition table, empty for none.
    """

    node: str
    visit: str
    sectors: int
    table: str
    filesystem: str
    volumes: tuple[Volume, ...]
    settled: bool
    """Whether udev has looked at every partition that the kernel has found."""
    own: bool
    """Whether this machine itself works with it: a box may start from a disk on USB."""


class Reading(NamedTuple):
    """What is to be read."""

    node: str
    filesystem: Readable


class Refused(NamedTuple):
    """A stick that cannot be read, and why."""

    said: Said


class Pulled(NamedTuple):
    """The stick whose turn it was is gone."""


Move = Reading | Refused | Pulled


def choose(disk: Disk) -> Reading | Refused | None:
    """What to read of a disk, or why not; None where there is nothing to be said (yet).

    The first partition with a file system that is no EFI partition; the EFI partition where nothing else is there.
    """
    if disk.own or not disk.sectors or not disk.settled:
        return None
    if disk.table and not disk.volumes and not disk.filesystem:
        return None  # its partitions are still to come, or gone already: a pulled stick loses them before itself
    volumes = disk.volumes or (Volume(0, disk.node, disk.filesystem, ""),)
    formatted = sorted(volume for volume in volumes if volume.filesystem)
    data = [volume for volume in formatted if volume.kind.lower() not in EFI] or formatted
    for volume in data:
        if volume.filesystem in READABLE:
            return Reading(volume.node, READABLE[volume.filesystem])
    if not data:
        return Refused(said.NO_FILE_SYSTEM)
    if any(volume.filesystem == NTFS for volume in data):
        return Refused(said.NTFS)
    return Refused(said.STRANGE_FILE_SYSTEM.about(kind=data[0].filesystem))


class Turns:
    """Whose turn it is: the first stick that came is read, the next one when that is read or gone."""

    def __init__(self) -> None:
        self._known: dict[str, Reading | Refused] = {}  # in the order of their coming
        self._read: set[str] = set()
        self._current: str | None = None
        self._lost: dict[str, str] = {}  # the node that a disk lost: what is left of a stick that is being pulled

    @property
    def current(self) -> Reading | None:
        """The stick that may be read again when somebody asks; None where there is none."""
        return self._readable().get(self._current or "")

    def seen(self, disks: tuple[Disk, ...]) -> tuple[Move, ...]:
        """All disks on USB as they are now; what follows."""
        here = {disk.visit: choice for disk in disks if (choice := self._choose(disk)) is not None}
        self._lost = {disk.visit: self._lost[disk.visit] for disk in disks if disk.visit in self._lost}
        gone = {visit for visit, choice in self._known.items() if here.get(visit) != choice}
        moves: list[Move] = []
        if self._current in gone:
            self._current = None
            moves.append(Pulled())
        for visit in gone:
            del self._known[visit]
        self._read -= gone
        fresh = [visit for visit in here if visit not in self._known]
        self._known |= {visit: here[visit] for visit in fresh}
        moves += [choice for visit in fresh if isinstance(choice := here[visit], Refused)]
        return (*moves, *self._next())

    def read(self) -> tuple[Move, ...]:
        """The stick whose turn it was has been read to its end; what follows."""
        if self._current is not None:
            self._read.add(self._current)
        return self._next()

    def _choose(self, disk: Disk) -> Reading | Refused | None:
        known, nodes = self._known.get(disk.visit), {disk.node, *(volume.node for volume in disk.volumes)}
        if isinstance(known, Reading) and known.node not in nodes:
            self._lost[disk.visit] = known.node
        if self._lost.get(disk.visit) in nodes:
            del self._lost[disk.visit]
        return None if disk.visit in self._lost else choose(disk)

    def _next(self) -> tuple[Move, ...]:
        if self._current is not None and self._current not in self._read:
            return ()
        readable = self._readable()
        for visit, reading in readable.items():
            if visit not in self._read:
                self._current = visit
                return (reading,)
        if self._current is None:
            self._current = next(iter(readable), None)  # read before, and still in
        return ()

    def _readable(self) -> dict[str, Reading]:
        return {visit: choice for visit, choice in self._known.items() if isinstance(choice, Reading)}
