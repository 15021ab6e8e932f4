"""What the care for the card's films needs: their database, and their bytes read again from the card itself."""

from __future__ import annotations

from typing import NamedTuple, Protocol


class Place(NamedTuple):
    """A block of a content."""

    content: str
    block: int


class FilmBook(Protocol):
    """The database of what was verified once. Every method raises `CardError` where the card refuses."""

    def kept(self) -> dict[str, int]:
        """The size of everything that was verified once, by content id, also of what is damaged or lost since."""
        ...

    def block_list(self, content: str) -> bytes:
        """The block list that a content was verified against; empty where it is not kept."""
        ...

    def bad(self, content: str) -> tuple[int, ...]:
        """The blocks of a content that are known to be bad."""
        ...

    def doubt(self, place: Place) -> None:
        """This block is bad: the content is not shown before it is repaired."""
        ...

    def forget(self, contents: tuple[str, ...]) -> None:
        """These are held no more."""
        ...

    def scrubbed(self) -> Place:
        """The block behind the last one that was read again."""
        ...

    def scrub_on(self, place: Place) -> None:
        """Go on at ``place`` next time."""
        ...


class FilmFiles(Protocol):
    """The card's own bytes."""

    def size(self, content: str) -> int:
        """The bytes of a content; 0 where there are none."""
        ...

    def block(self, place: Place, length: int) -> memoryview | None:
        """``length`` bytes of a block, from the card and not from memory; None where it cannot be read.

        Good until the next call. Raises `CardError`.
        """
        ...
