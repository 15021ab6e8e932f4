"""Which role may do what, and whether one scope lies within another. Pure: no tables, no requests."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from msgspec import Struct


class Right(StrEnum):
    """What a page or a button asks for."""

    OWN = "own"
    """One's own account; everybody who is logged in has it."""
    SEE = "see"
    CONTACT = "contact"
    """Officers' names and phones; each look is logged."""
    ATTEND = "attend"
    """Alerts: acknowledge them, and keep them quiet for a while."""
    ORDER = "order"
    WRITE = "write"
    """Bulletins: draft them, hand them to those who sign, send and recall them."""
    CARRY = "carry"
    """Reports that sticks brought home: hand them in, and take the acknowledgements back."""
    FIT = "fit"
    """Boxes, and which station they serve."""
    LEDGER = "ledger"
    REGISTER = "register"
    ADMINISTER = "administer"


class Role(StrEnum):
    """What somebody is to the network. An information officer is no user: see the personal link."""

    MONITOR = "monitor"
    EDITOR = "editor"
    TECHNICIAN = "technician"
    FINANCE = "finance"
    ADMINISTRATOR = "administrator"


RIGHTS: Final[Mapping[Role, frozenset[Right]]] = {
    Role.MONITOR: frozenset({Right.SEE, Right.CONTACT, Right.ATTEND, Right.CARRY}),
    Role.EDITOR: frozenset({Right.SEE, Right.WRITE}),
    Role.TECHNICIAN: frozenset({Right.SEE, Right.CONTACT, Right.ATTEND, Right.CARRY, Right.ORDER, Right.FIT}),
    Role.FINANCE: frozenset({Right.SEE, Right.LEDGER}),
    Role.ADMINISTRATOR: frozenset(Right) - {Right.OWN},
}
NEEDS_SECOND_FACTOR: Final = frozenset({Right.REGISTER, Right.ADMINISTER})
"""Who has one of these anywhere shows a second factor before anything else."""


class Scope(Struct, frozen=True, kw_only=True):
    """Where a role holds: below a region (its path), for one kind of site, for one host body. Empty: everywhere."""

    region: str = ""
    kind: str = ""
    host: str = ""

    @property
    def everywhere(self) -> bool:
        """Whether it is the whole network."""
        return not (self.region or self.kind or self.host)

    def holds(self, other: Scope) -> bool:
        """Whether all of ``other`` lies within this scope."""
        return other.region.startswith(self.region) and self.kind in {"", other.kind} and self.host in {"", other.host}
