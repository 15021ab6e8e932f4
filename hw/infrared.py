"""`hw/infrared.toml` read once: the codes of televisions that are public facts, each with its source."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta, Struct

LIST: Final = Path(__file__).parent / "infrared.toml"
Byte = Annotated[int, Meta(ge=0, le=0xFF)]
_BITS: Final = {"rc5": (5, 6), "rc6": (8, 8)}
"""How many bits of address and command; the byte protocols have eight of each."""


class Code(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One code; ``word`` is what leaves the LED, first bit highest, for the protocols of 32 bits."""

    brand: Annotated[str, Meta(min_length=2, max_length=40)]
    what: Annotated[str, Meta(min_length=5, max_length=40)]
    protocol: Literal["nec", "samsung", "rc5", "rc6"]
    address: Byte
    command: Byte
    source: Annotated[str, Meta(min_length=10, max_length=160)]
    word: Annotated[int, Meta(ge=0, le=0xFFFF_FFFF)] | None = None


class Codes(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole list."""

    code: Annotated[tuple[Code, ...], Meta(max_length=500)]


def read(path: Path = LIST) -> tuple[Code, ...]:
    """The codes. Raises `msgspec.ValidationError` and `OSError`."""
    return msgspec.toml.decode(path.read_bytes(), type=Codes).code


def wire_word(code: Code) -> int | None:
    """The 32 bits as they are sent, computed from address and command; None for RC-5 and RC-6."""
    if code.protocol not in {"nec", "samsung"}:
        return None
    address, command = _mirrored(code.address), _mirrored(code.command)
    second = address ^ 0xFF if code.protocol == "nec" else address
    return address << 24 | second << 16 | command << 8 | (command ^ 0xFF)


def faults(codes: tuple[Code, ...]) -> list[str]:
    """Codes whose word is another code's, or that their protocol cannot carry."""
    found = []
    for code in codes:
        name = f"{code.brand}, {code.what}"
        if wire_word(code) != code.word:
            found.append(f"{name}: address and command make {wire_word(code) or 0:#010x}, not {code.word or 0:#010x}")
        bits = _BITS.get(code.protocol, (8, 8))
        if code.address >> bits[0] or code.command >> bits[1]:
            found.append(f"{name}: {code.protocol} has {bits[0]} bits of address and {bits[1]} of command")
    return found


def _mirrored(byte: int) -> int:
    return int(f"{byte:08b}"[::-1], 2)
