"""The folders of a cluster's nodes, each with all that its server needs: to be copied to its machine as it is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from estation_central.authority.certificates import COLLECTOR
from estation_central.authority.folder import Authority
from estation_central.broker import cluster
from estation_central.broker.cluster import Node, NodeFiles

CONFIGURATION: Final = "nats.conf"
USERS: Final = "users.conf"
HERE: Final = ("127.0.0.1", "localhost")
_CERTIFICATE: Final = "node"


def write(folder: Path, authority: Authority, nodes: Sequence[Node], now: datetime) -> list[Path]:
    """Write every node's folder; its configuration. A node keeps a certificate with its names. Raises `OSError`."""
    listed = _users(authority)
    made = []
    for node in nodes:
        place = (folder / node.name).resolve()
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        names = dict.fromkeys((node.host, *node.called, *HERE))
        authority.write_node(place / _CERTIFICATE, list(names), now)
        (place / "authority.pem").write_bytes(authority.certificate.read_bytes())
        files = NodeFiles(
            authority=place / "authority.pem",
            certificate=place / f"{_CERTIFICATE}.pem",
            key=place / f"{_CERTIFICATE}.key",
            store=place / "store",
            users=place / USERS,
        )
        _write(place / USERS, listed)
        _write(place / CONFIGURATION, cluster.configuration(node, nodes, files))
        made.append(place / CONFIGURATION)
    return made


def write_users(folder: Path, authority: Authority) -> None:
    """Write again who may come in, for each node that is there; it reads that at SIGHUP. Raises `OSError`."""
    lists = list(folder.glob(f"*/{USERS}"))
    listed = _users(authority) if lists else ""
    for path in lists:
        _write(path, listed)


def _users(authority: Authority) -> str:
    return cluster.users(COLLECTOR, authority.accounts())


def _write(path: Path, text: str) -> None:
    beside = path.with_name(f".{path.name}.new")
    beside.write_text(text)
    beside.replace(path)
