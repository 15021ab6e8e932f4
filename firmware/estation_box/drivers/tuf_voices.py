"""Who may speak to a place: the keys of a delegated role, out of metadata that the client has verified."""

from __future__ import annotations

from typing import Final

from tuf.api.metadata import Targets
from tuf.ngclient import Updater

from estation_wire.voices import Voice

_KEY_TYPE: Final = "ed25519"


def voice_of(updater: Updater, role: str) -> Voice | None:
    """The role's keys and threshold; None where its own metadata is not there, or did not verify.

    It is asked for after the role's document was looked for, which loads the metadata of all that delegate to it.
    """
    every = updater._trusted_set._trusted_set  # noqa: SLF001 - what verified, by name; it has no public name
    if role not in every:
        return None
    for signed in every.values():
        delegations = signed.delegations if isinstance(signed, Targets) else None
        delegated = (delegations.roles or {}).get(role) if delegations else None
        if delegations is not None and delegated is not None:
            named = {keyid: delegations.keys[keyid] for keyid in delegated.keyids if keyid in delegations.keys}
            keys = {keyid: str(key.keyval["public"]) for keyid, key in named.items() if key.keytype == _KEY_TYPE}
            return Voice(role=role, threshold=delegated.threshold, keys=keys)
    return None
