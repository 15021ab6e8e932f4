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
_CERTIFICATE: Final = "node"


def write(folder: Path, authority: Authority, nodes: Sequence[Node], now: datetime) -> list[Path]:
    """Write every node's folder; its configuration. A node keeps its certificate. Raises `OSError`."""
    listed = cluster.users(COLLECTOR, authority.accounts())
    made = []
    for node in nodes:
        place = (folder / node.name).resolve()
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not (place / f"{_CERTIFICATE}.pem").exists():
            authority.write_node(place / _CERTIFICATE, node.host, now)
        (place / "authority.pem").write_bytes(authority.certificate.read_bytes())
        files = NodeFiles(
            authority=place / "authority.pem",
            certificate=place / f"{_CERTIFICATE}.pem",
            key=place / f"{_CERTIFICATE}.key",
            store=place / "store",
            users=place / USERS,
        )
        for name, text in ((USERS, listed), (CONFIGURATION, cluster.configuration(node, nodes, files))):
            beside = place / f".{name}.new"
            beside.write_text(text)
            beside.replace(place / name)
        made.append(place / CONFIGURATION)
    return made
