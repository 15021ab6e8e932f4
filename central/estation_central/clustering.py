"""The command `cluster`: the folders of a NATS cluster's nodes, to be copied to their machines."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from typing import Final

from estation_central.settings import CentreSettings

MQTT_PORT: Final = 8883
WEBSOCKET_PORT: Final = 443
ROUTE_PORT: Final = 6222
PLAIN_PORT: Final = 4222
ALL: Final = "0.0.0.0"  # noqa: S104 (boxes call in)


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the command."""
    made = commands.add_parser("cluster", help="write the folders of a NATS cluster's nodes")
    made.add_argument(
        "--node", action="append", required=True, metavar="NAME=HOST", help="a server, by whose HOST the others call it"
    )
    made.add_argument(
        "--host", action="append", default=[], help="name by which boxes call, whichever node answers; again for more"
    )
    made.add_argument("--listen", default=ALL, help="address that nodes listen on")
    made.add_argument("--mqtt-port", type=int, default=MQTT_PORT)
    made.add_argument("--websocket-port", type=int, default=WEBSOCKET_PORT)
    made.add_argument("--route-port", type=int, default=ROUTE_PORT)
    made.set_defaults(run=run)


def run(options: argparse.Namespace, settings: CentreSettings) -> int:
    """Write the folders, and say how each is started; 2 where the nodes are not three or five, each with its name."""
    from estation_central.authority.folder import Authority  # noqa: PLC0415 (each subcommand loads what it needs)
    from estation_central.broker import cluster_folder, lists  # noqa: PLC0415
    from estation_central.broker.cluster import Node  # noqa: PLC0415

    told = [word.partition("=")[::2] for word in options.node]
    named = {name: host or name for name, host in told}
    alike = min(len(named), len(set(named.values()))) < len(told)  # nats-server refuses two ways to one host
    if len(told) not in {3, 5} or alike or not all(_plain(name) for name in named):
        words = "3 or 5 nodes, each --node NAME=HOST with a host and a name of its own, of letters, digits, hyphens"
        sys.stderr.write(f"a cluster has {words}\n")
        return 2
    ports = {"mqtt": options.mqtt_port, "websocket": options.websocket_port, "route": options.route_port}
    nodes = [
        Node(name=name, host=host, called=tuple(options.host), listen=options.listen, plain=PLAIN_PORT, **ports)
        for name, host in named.items()
    ]
    authority = Authority(settings.authority)
    with lists.alone(settings.state):
        written = cluster_folder.write(settings.cluster, authority, nodes, datetime.now(UTC))
    for path in written:
        sys.stdout.write(f"copy {path.parent} to its machine as {path.parent}, then: nats-server -c {path}\n")
    return 0


def _plain(name: str) -> bool:
    return name.replace("-", "").isalnum() and name.isascii()
