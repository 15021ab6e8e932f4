"""`hw/parts.toml` read once: every part of the board and of the box around it, and the bill of materials from it."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta, Struct

LIST: Final = Path(__file__).parent / "parts.toml"
DEAREST: Final = 500
"""A part that costs more is a slip of the pen."""
Words = Annotated[str, Meta(min_length=2, max_length=120)]


class Kind(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Parts of one kind: where they stand, what to buy, and what else to buy. ``price`` for one piece."""

    refs: Annotated[tuple[Annotated[str, Meta(pattern=r"^[A-Z]{1,2}[0-9]{1,2}$")], ...], Meta(min_length=1)]
    what: Words
    value: Annotated[str, Meta(min_length=1, max_length=40)]
    first: Words
    second: Words
    price: Decimal
    where: Literal["board", "box"]


class Parts(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole list; ``priced`` is the month in which the prices were estimated."""

    priced: Annotated[str, Meta(pattern=r"^20\d\d-\d\d$")]
    currency: Literal["CNY"]
    part: Annotated[tuple[Kind, ...], Meta(min_length=1, max_length=200)]

    @property
    def total(self) -> Decimal:
        """What one box costs, without the Raspberry Pi."""
        return sum((len(kind.refs) * kind.price for kind in self.part), Decimal(0))


def read(path: Path = LIST) -> Parts:
    """The list as a value. Raises `msgspec.ValidationError`, `OSError`, and `ValueError` where a part stands twice."""
    found = msgspec.toml.decode(path.read_bytes(), type=Parts, strict=False)
    twice = [ref for ref, times in Counter(ref for kind in found.part for ref in kind.refs).items() if times > 1]
    if twice:
        msg = f"{path.name} has {', '.join(sorted(twice))} more than once"
        raise ValueError(msg)
    free = [kind.refs[0] for kind in found.part if not 0 < kind.price < DEAREST]
    if free:
        msg = f"{path.name}: {', '.join(free)}: a price is above 0 and below {DEAREST}"
        raise ValueError(msg)
    return found


def bill(parts: Parts) -> str:
    """The bill of materials as CSV, with its total in the last line."""
    text = io.StringIO()
    write = csv.writer(text, lineterminator="\n").writerow
    unit = f"{parts.currency}, estimate {parts.priced}"
    write(("count", "parts", "what", "value", "buy", "or", f"each ({unit})", f"together ({unit})", "where"))
    for kind in parts.part:
        count = len(kind.refs)
        row = (count, " ".join(kind.refs), kind.what, kind.value, kind.first, kind.second)
        write((*row, f"{kind.price:.2f}", f"{count * kind.price:.2f}", kind.where))
    for where, said in (("board", "the board"), ("box", "what hangs on it")):
        write(("", "", f"total of {said}", *[""] * 4, f"{_sum(parts.part, where):.2f}", where))
    write(("", "", "total, without the Raspberry Pi, its card and its case", *[""] * 4, f"{parts.total:.2f}", ""))
    return text.getvalue()


def _sum(kinds: Iterable[Kind], where: str) -> Decimal:
    return sum((len(kind.refs) * kind.price for kind in kinds if kind.where == where), Decimal(0))
