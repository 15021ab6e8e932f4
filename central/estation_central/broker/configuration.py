"""Mosquitto's configuration and access list, as text.

A station's user name is the common name of its certificate, ``REGION/STATION``: a pattern then names its own branch and
no other (mosquitto refuses ``+`` and ``#`` in user names that meet a pattern, and takes a slash as it stands).

Mosquitto 2.0 starts a WebSocket listener without its revocation list (it takes it at a reload). A revoked account
is therefore denied by name as well, and the station's next certificate has a name of a later generation with
lines of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from msgspec import Struct

from estation_wire.topics import FROM_BOX, ROOT, TO_BOX

MAX_INFLIGHT: Final = 1000
MAX_QUEUED_BYTES: Final = 256 * 1024 * 1024  # for one client: a collector that is away for a minute loses nothing
MAX_PACKET_BYTES: Final = 300 * 1024  # the largest batch and its topic
MAX_KEEPALIVE_SECONDS: Final = 1200  # boxes ask for 600


class Listeners(Struct, frozen=True, kw_only=True):
    """Ports: MQTT over TLS, and over WebSocket; ``demo`` is plain, on 127.0.0.1, reads only; 0 is none."""

    address: str
    tls: int
    websocket: int
    demo: int = 0


class Files(Struct, frozen=True, kw_only=True):
    """The files that the broker reads."""

    authority: Path
    certificate: Path
    key: Path
    revoked: Path
    access: Path
    demo_access: Path


def configuration(listeners: Listeners, files: Files, user: str) -> str:
    """``mosquitto.conf``; the broker runs as ``user``, who must be able to read the files."""
    lines = [
        "# Written by `estation-central init`; changes here are lost.",
        "per_listener_settings true",
        f"user {user}",
        "max_queued_messages 0",  # the default of 1000 drops silently
        f"max_queued_bytes {MAX_QUEUED_BYTES}",
        f"max_inflight_messages {MAX_INFLIGHT}",
        f"message_size_limit {MAX_PACKET_BYTES}",
        f"max_keepalive {MAX_KEEPALIVE_SECONDS}",
        "persistence false",  # the guarantee is the centre's acknowledgement, never the broker's memory
        "log_dest stderr",
        "log_type error",
        "log_type warning",
        "log_type notice",
    ]
    for port, protocol in ((listeners.tls, "mqtt"), (listeners.websocket, "websockets")):
        lines += ["", f"listener {port} {listeners.address}", f"protocol {protocol}", *_certificates(files)]
    if listeners.demo:
        lines += ["", f"listener {listeners.demo} 127.0.0.1", "allow_anonymous true", f"acl_file {files.demo_access}"]
    return "\n".join(lines) + "\n"


def access(collector: str, later: Iterable[str], revoked: Iterable[str]) -> str:
    """The access list: our collector, every station by pattern, and by name the accounts that a pattern cannot meet."""
    lines = ["# Written by `estation-central`; changes here are lost.", f"user {collector}"]
    lines += [f"topic read {ROOT}/+/+/{leaf.value}" for leaf in FROM_BOX]
    lines += [f"topic write {ROOT}/+/+/{leaf.value}" for leaf in TO_BOX]
    for account in later:
        lines += ["", f"user {account}", *_branch("topic", account.rpartition(".")[0])]
    for account in revoked:
        lines += ["", f"user {account}", "topic deny #"]
    lines += ["", *_branch("pattern", "%u")]
    return "\n".join(lines) + "\n"


def demo_access() -> str:
    """The demonstration's plain listener: anybody on this machine may look, nobody may speak."""
    return f"topic read {ROOT.partition('/')[0]}/#\n"


def _branch(word: str, place: str) -> Sequence[str]:
    return [
        *(f"{word} write {ROOT}/{place}/{leaf.value}" for leaf in FROM_BOX),
        *(f"{word} read {ROOT}/{place}/{leaf.value}" for leaf in TO_BOX),
    ]


def _certificates(files: Files) -> Sequence[str]:
    return [
        f"cafile {files.authority}",
        f"certfile {files.certificate}",
        f"keyfile {files.key}",
        f"crlfile {files.revoked}",
        "tls_version tlsv1.2",
        "require_certificate true",
        "use_identity_as_username true",
        "allow_anonymous false",
        f"acl_file {files.access}",
    ]
