"""Letting a county, its townships and the emergency desks publish for their part of the field, and ending it.

A role is named for its place: ``653101`` (county), ``653101102`` (township), ``653101-emergency``, ``emergency``. It
has one parent, which follows from its name; its documents are named for it, such as ``653101.programme.json``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple

from tuf.api.metadata import DelegatedRole, Delegations, Targets

from studio.errors import StudioError
from studio.keyring import Keyring
from studio.publishing import REPOSITORY
from studio.repository import Repository

EMERGENCY_THRESHOLD: Final = 2  # nobody interrupts a hall's programme alone
_COUNTY: Final = re.compile(r"[0-9]{6}")
_TOWNSHIP: Final = re.compile(r"([0-9]{6})[0-9]{3}")
_DESK: Final = re.compile(r"([0-9]{6})-emergency")


class Place(NamedTuple):
    """Where a role stands: its one parent, and the names that it may sign."""

    parent: str
    patterns: tuple[str, ...]
    threshold: int = 1


def place_of(role: str) -> Place:
    """Where a role of this name stands; raises `StudioError` for a name that means nothing."""
    if role == "emergency":
        return Place("targets", ("emergency.bulletins.json",), EMERGENCY_THRESHOLD)
    if _COUNTY.fullmatch(role):
        return Place("targets", (f"{role}.*.json", f"{role}-emergency.bulletins.json", f"{role}???.*.json"))
    if found := _TOWNSHIP.fullmatch(role):
        return Place(found[1], (f"{role}.*.json",))
    if found := _DESK.fullmatch(role):
        return Place(found[1], (f"{role}.bulletins.json",), EMERGENCY_THRESHOLD)
    msg = f"{role}: name a county (653101), a township (653101102), 653101-emergency or emergency"
    raise StudioError(msg)


def delegate(folder: Path, role: str, *, now: datetime, count: int = 0, threshold: int = 0) -> None:
    """Let ``role`` publish, with ``count`` keys of which ``threshold`` must sign; 0 is what its name asks for.

    Its keys are made under ``keys/``: hand them over. What it signed before a revocation does not come back. Done
    again, it raises or lowers threshold and keys. Raises `StudioError`.
    """
    place = place_of(role)
    threshold = threshold or place.threshold
    count = max(count, threshold)
    if threshold < place.threshold:
        msg = f"{role} interrupts whatever is shown: at least {place.threshold} must sign"
        raise StudioError(msg)
    keys, repository = _open(folder)
    parent = _parent(repository, role, place)
    delegations = parent.delegations or Delegations({}, {})
    roles = delegations.roles or {}
    here = role in roles
    keys.make_more(role, max(0, count - keys.count(role)))
    roles[role] = DelegatedRole(role, [], threshold, terminating=True, paths=list(place.patterns))
    parent.delegations = Delegations(delegations.keys, roles)
    for signer in keys.signers(role):
        parent.add_key(signer.public_key, role)
    own = (repository.targets(role) if here else None) or Targets()
    repository.commit({place.parent: parent, role: own}, now)


def revoke(folder: Path, role: str, *, now: datetime) -> None:
    """End a delegation, and with it all that the role's own delegates say; its keys are put away."""
    place = place_of(role)
    keys, repository = _open(folder)
    parent = _parent(repository, role, place)
    roles = (parent.delegations.roles if parent.delegations else None) or {}
    if role not in roles:
        msg = f"{role} is no delegate"
        raise StudioError(msg)
    for keyid in list(roles[role].keyids):
        parent.revoke_key(keyid, role)
    del roles[role]
    repository.commit({place.parent: parent}, now)
    keys.retire(role, ())


def publish_as(folder: Path, role: str, documents: Mapping[str, bytes], *, now: datetime) -> bool:
    """Sign ``documents`` (``programme.json`` and so on) as all that a delegate says; whether that was new."""
    place_of(role)
    _, repository = _open(folder)
    if repository.targets(role) is None:
        msg = f"{role} is no delegate: run `estation-studio delegate` first"
        raise StudioError(msg)
    return repository.publish({f"{role}.{name}": data for name, data in documents.items()}, now, role)


def _open(folder: Path) -> tuple[Keyring, Repository]:
    keys = Keyring(folder / "keys")
    return keys, Repository(folder / REPOSITORY, keys)


def _parent(repository: Repository, role: str, place: Place) -> Targets:
    parent = repository.targets(place.parent)
    if parent is None:
        first = "publish a library" if place.parent == "targets" else f"delegate to {place.parent}"
        msg = f"{role} cannot be a delegate yet: {first} first"
        raise StudioError(msg)
    return parent
