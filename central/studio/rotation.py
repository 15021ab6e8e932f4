"""New keys for a role, and how many of them must sign. The boxes follow by stick or network, however late they come."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple

from studio.delegation import place_of
from studio.errors import StudioError
from studio.keyring import ROLES, Keyring
from studio.publishing import REPOSITORY
from studio.repository import Repository

PREPARED: Final = "prepared"
WAITING: Final = (
    "还有内容等待签名：请先签完，或删除 prepared 文件夹 · "
    "something is prepared and waits for signatures: sign it first, or remove the folder prepared"
)


class Change(NamedTuple):
    """How many new keys there shall be, and how many of them must sign; 0 is as before."""

    keys: int
    threshold: int


def rotate(folder: Path, role: str, *, now: datetime, count: int = 0, threshold: int = 0) -> None:
    """Replace every key of ``role`` by ``count`` new ones of which ``threshold`` must sign; 0 is as before.

    The old ones go to ``keys/retired/``. After a theft of the online keys rotate ``snapshot`` and ``timestamp``.
    Interrupted, run it again. What was prepared and not signed by all would be void: first sign it, or drop it.
    Raises `StudioError`.
    """
    if (folder / PREPARED).exists():
        raise StudioError(WAITING)
    keys = Keyring(folder / "keys")
    repository = Repository(folder / REPOSITORY, keys)
    change = Change(count, threshold)
    fresh = (_top if role in ROLES else _delegate)(repository, keys, role, change, now)
    keys.retire(role, fresh)
    if role in ROLES:
        repository.renew(now)


def _top(repository: Repository, keys: Keyring, role: str, change: Change, now: datetime) -> list[Path]:
    root = repository.root()
    inside = root.roles[role]
    threshold = change.threshold or inside.threshold
    fresh = keys.make_more(role, max(change.keys or len(inside.keyids), threshold))
    signers = keys.signers_in(fresh)
    for keyid in list(inside.keyids):
        root.revoke_key(keyid, role)
    for signer in signers:
        root.add_key(signer.public_key, role)
    inside.threshold = threshold
    repository.change_root(root, signers if role == "root" else (), now)
    return fresh


def _delegate(repository: Repository, keys: Keyring, role: str, change: Change, now: datetime) -> list[Path]:
    place = place_of(role)
    parent, own = repository.targets(place.parent), repository.targets(role)
    roles = (parent.delegations.roles if parent and parent.delegations else None) or {}
    if parent is None or own is None or role not in roles:
        msg = f"{role} is neither one of {', '.join(ROLES)} nor a delegate"
        raise StudioError(msg)
    inside = roles[role]
    threshold = max(change.threshold or inside.threshold, place.threshold)
    fresh = keys.make_more(role, max(change.keys or len(inside.keyids), threshold))
    for keyid in list(inside.keyids):
        parent.revoke_key(keyid, role)
    for signer in keys.signers_in(fresh):
        parent.add_key(signer.public_key, role)
    inside.threshold = threshold
    repository.commit({place.parent: parent, role: own}, now)
    return fresh
