"""Pure decisions of the library: what to copy first, and what a file must begin with to be one of ours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

HEAD_BYTES: Final = 12  # as far as every mark below reaches
_MARKS: Final[tuple[tuple[int, bytes], ...]] = (
    (4, b"ftyp"),  # MP4
    (0, b"\x1a\x45\xdf\xa3"),  # Matroska, WebM
    (0, b"\x89PNG\r\n\x1a\n"),
    (0, b"\xff\xd8\xff"),  # JPEG
)


def known_container(head: bytes) -> bool:
    """Whether a file that begins with ``head`` can be one of MP4, Matroska, WebM, PNG or JPEG."""
    return any(head[at : at + len(mark)] == mark for at, mark in _MARKS)


def to_copy(
    catalogue: Mapping[str, int], *, due: Iterable[str], planned: Iterable[str], held: frozenset[str]
) -> list[str]:
    """The ids to copy, in order: what the next slots need, what any rule names, the rest; each once, none held.

    Only ids that the verified catalogue names.
    """
    wanted = dict.fromkeys((*due, *planned, *catalogue))
    return [content for content in wanted if content in catalogue and content not in held]
