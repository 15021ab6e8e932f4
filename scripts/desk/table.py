"""The sticks on the desk's table: folders. The one in the box stands at the slot, under its own name here."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final, NamedTuple

from estation_wire import stick
from scripts.demo.centre import STATION
from scripts.demo.processes import DemoError

PROGRAMME, DAMAGED, EMPTY = "programme", "damaged", "empty"
MAX_STICKS: Final = 12  # on the page; who has more on a desk does not find the right one


class Stick(NamedTuple):
    """One stick as the page shows it. ``receipt``: the box has left one; ``signed``: it bears a certificate."""

    name: str
    receipt: bool
    signed: bool


class Table:
    """Sticks below ``folder``; ``slot`` is where the box looks. A folder that somebody puts there is a stick, too."""

    def __init__(self, folder: Path, slot: Path) -> None:
        self.folder, self._slot = folder, slot
        self.inside: str | None = None

    def lay_out(self) -> None:
        """Beside the programme's stick one with a film that rots, and one with nothing on it."""
        damaged = self.folder / DAMAGED
        shutil.copytree(self.folder / PROGRAMME, damaged)
        largest = max((damaged / stick.CONTENT).iterdir(), key=lambda film: film.stat().st_size)
        with largest.open("r+b") as film:
            film.seek(largest.stat().st_size // 2)
            byte = film.read(1)
            film.seek(-1, 1)
            film.write(bytes([byte[0] ^ 0x10]))  # one wrong bit
        (self.folder / EMPTY).mkdir()

    def sticks(self) -> list[Stick]:
        """Those on the table and the one inside, by name."""
        names = self._names() | ({self.inside} if self.inside else set())
        return [self._stick(name) for name in sorted(names, key=_first)[:MAX_STICKS]]

    def put_in(self, name: str) -> None:
        """Put a stick into the box. Raises `DemoError`."""
        if self.inside is not None:
            msg = "the slot is taken: pull the stick first · 先拔出U盘"
            raise DemoError(msg)
        self.held(name).rename(self._slot)
        self.inside = name

    def pull(self) -> None:
        """Pull the stick, whatever the box does with it. Raises `DemoError`."""
        if self.inside is None:
            msg = "there is no stick in the box · 没有插U盘"
            raise DemoError(msg)
        self._slot.rename(self.folder / self.inside)
        self.inside = None

    def held(self, name: str) -> Path:
        """A stick that lies on the table. Raises `DemoError`."""
        if name in self._names():
            return self.folder / name
        msg = f"there is no stick {name!r} on the table · 桌上没有这个U盘"
        raise DemoError(msg)

    def receipt(self, name: str) -> Path:
        """The receipt on a stick, wherever the stick is."""
        return self._at(name) / stick.returned(STATION) / stick.RECEIPT_PAGE

    def _names(self) -> set[str]:
        return {each.name for each in self.folder.iterdir() if each.is_dir()}

    def _at(self, name: str) -> Path:
        return self._slot if name == self.inside else self.folder / name

    def _stick(self, name: str) -> Stick:
        at = self._at(name)
        return Stick(name, self.receipt(name).exists(), (at / stick.certificate(STATION)).exists())


def _first(name: str) -> tuple[int, str]:
    known = (PROGRAMME, DAMAGED, EMPTY)
    return (known.index(name) if name in known else len(known)), name
