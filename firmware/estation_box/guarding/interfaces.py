"""What guarding asks of the line to the supervisor."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from estation_box.guarding.cause import Facts


class Heard(NamedTuple):
    """One frame from the supervisor: its kind and payload, as in `estation_wire.supervisor_words`."""

    kind: int
    payload: bytes


class Line(Protocol):
    """The serial line. No method raises or waits; where no board is fitted nothing is ever heard."""

    def send(self, kind: int, payload: bytes = b"") -> bool:
        """Send one frame; False where there is no line, or it takes nothing."""
        ...

    def hear(self) -> list[Heard]:
        """The frames that have come since the last call."""
        ...


class LastBoot(Protocol):
    """What is kept of how boots ended. No method raises."""

    def found(self, boot: str, cuts: int | None) -> Facts:
        """What can be known; ``cuts``: how often the supervisor says that it ever cut the power."""
        ...

    def begun(self, cuts: int | None) -> None:
        """The cause is written down: forget it, so that it is told once."""
        ...

    def left(self, boot: str, cuts: int | None) -> None:
        """Core leaves ``boot`` in order."""
        ...
