"""The configuration of a NATS cluster that stands where one mosquitto did, as text.

Boxes and collectors notice nothing: MQTT 3.1.1 over TLS, straight or through WebSocket (path ``/mqtt``), the same
certificates, the same topics (inside, a slash is a dot). A client's certificate names its user; one that is not in the
list is not let in, so that taking a certificate back is leaving it out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from msgspec import Struct

from estation_central.broker.configuration import MAX_INFLIGHT, MAX_PACKET_BYTES
from estation_wire.topics import FROM_BOX, ROOT, TO_BOX

NAME: Final = "estation"
WAYS: Final = ("MQTT", "MQTT_WS")  # NATS's own protocol is no way in, through WebSocket neither
HANDSHAKE_SECONDS: Final = 10  # TLS by 2G takes five; NATS's own two would keep those boxes out
REPLICAS: Final = 3  # of what JetStream keeps for MQTT: any one node may die
OWN_DELIVERIES: Final = "$MQTT.sub.>"
"""How the server hands a client what it subscribed to at QoS 1; the subjects are random and each client's own."""


class Node(Struct, frozen=True, kw_only=True):
    """One server: its name, its address for the other nodes, and its ports. Clients of NATS's own protocol get none."""

    name: str
    host: str
    called: tuple[str, ...] = ()
    """Names by which boxes call it beside its own: one for all nodes, which stands in their profiles."""
    listen: str
    mqtt: int
    websocket: int
    """MQTT over WebSocket, which is all that many schools let out."""
    route: int
    plain: int
    """NATS's own protocol, on this machine alone: nobody needs it, and the server wants one."""


class NodeFiles(Struct, frozen=True, kw_only=True):
    """The files that a node reads, and the folder in which it keeps what it must not forget."""

    authority: Path
    certificate: Path
    key: Path
    store: Path
    users: Path


def configuration(node: Node, nodes: Sequence[Node], files: NodeFiles) -> str:
    """``nats.conf`` of a node."""
    routes = [f"tls://{each.host}:{each.route}" for each in nodes if each.name != node.name]
    tls = [
        f"ca_file: {_said(files.authority)}",
        f"cert_file: {_said(files.certificate)}",
        f"key_file: {_said(files.key)}",
    ]
    clients = _block("  tls", *tls, "verify_and_map: true", f"timeout: {HANDSHAKE_SECONDS}")
    lines = [
        "# Written by `estation-central cluster`; changes here are lost.",
        f"server_name: {_said(node.name)}",
        f'listen: "127.0.0.1:{node.plain}"',
        f"max_payload: {MAX_PACKET_BYTES}",
        "jetstream {",
        f"  store_dir: {_said(files.store)}",
        "  sync_interval: always",  # what was acknowledged is on a disk
        "}",
        "cluster {",
        f"  name: {NAME}",
        f'  listen: "{node.listen}:{node.route}"',
        f"  routes: {json.dumps(routes)}",
        *_block("  tls", *tls, "verify: true"),
        "}",
        "mqtt {",
        f'  listen: "{node.listen}:{node.mqtt}"',
        f"  max_ack_pending: {MAX_INFLIGHT}",
        f"  stream_replicas: {min(REPLICAS, len(nodes))}",
        *clients,
        "}",
        "websocket {",
        f'  listen: "{node.listen}:{node.websocket}"',
        f'  handshake_timeout: "{HANDSHAKE_SECONDS}s"',
        *clients,
        "}",
        f"include {_said(files.users.name)}",
    ]
    return "\n".join(lines) + "\n"


def _block(name: str, *lines: str) -> list[str]:
    """A block within a block."""
    return [f"{name} {{", *(f"    {line}" for line in lines), "  }"]


def users(collector: str, stations: Iterable[str]) -> str:
    """Who may touch what: our collector all branches, each station (its account at the broker) its own."""
    lines = ["# Written by `estation-central`; changes here are lost.", "accounts {", "  ESTATION {"]
    lines += ["    jetstream: enabled", "    users: [", f"      {_user(collector, '*.*', TO_BOX, FROM_BOX)}"]
    for account in stations:
        region, _, station = account.partition("/")
        branch = f"{region}.{station.partition('.')[0]}"
        lines.append(f"      {_user(account, branch, FROM_BOX, TO_BOX)}")
    return "\n".join([*lines, "    ]", "  }", "}"]) + "\n"


def _user(account: str, branch: str, says: Iterable[str], hears: Iterable[str]) -> str:
    root = ROOT.replace("/", ".")
    publish = json.dumps([f"{root}.{branch}.{leaf}" for leaf in says])
    subscribe = json.dumps([*(f"{root}.{branch}.{leaf}" for leaf in hears), OWN_DELIVERIES])
    allowed = f"permissions: {{publish: {publish}, subscribe: {subscribe}}}"
    return f"{{user: {_said(f'CN={account}')}, allowed_connection_types: {json.dumps(WAYS)}, {allowed}}}"


def _said(words: object) -> str:
    return json.dumps(str(words))
