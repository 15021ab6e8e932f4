"""One measured figure, as it stands in ``build/bench.json``."""

from __future__ import annotations

from msgspec import Struct


class Result(Struct, frozen=True, kw_only=True):
    """``peer_value``: the named peer's in the same run; ``ratio``: peer's to ours where less is better.

    ``bar`` says in words what was demanded, ``ok`` whether it was met, ``command`` how to measure it again.
    """

    id: str
    value: float
    unit: str
    bar: str
    ok: bool
    command: str
    peer: str = ""
    peer_value: float | None = None
    ratio: float | None = None


def command(bench: str) -> str:
    """How a person repeats the bench."""
    return f"make bench ID={bench}"


def percentile(values: list[float], share: float) -> float:
    """The value below which ``share`` of the values lie, by the nearest rank."""
    ordered = sorted(values)
    return ordered[min(round(share * (len(ordered) - 1)), len(ordered) - 1)]
