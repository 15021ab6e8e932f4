"""A real cluster of NATS servers on this machine, with the centre's own configuration; nodes die and come back."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from estation_central.authority.folder import Authority
from estation_central.broker import cluster_folder
from estation_central.broker.cluster import Node
from tests.support.mosquitto import HOST, free_port

READY_SECONDS = 60.0
PORTS = ("mqtt", "websocket", "route", "plain")
UNIT = Path(__file__).parents[2] / "central/systemd/estation-node@.service"
SERVER = Path(sys.executable).with_name("nats-server")


class Cluster:
    """Three nodes of the authority in ``folder``."""

    def __init__(self, folder: Path, authority: Authority) -> None:
        self.folder, self._authority = folder, authority
        self.nodes = [
            Node(name=name, host=HOST, listen=HOST, **{way: free_port() for way in PORTS})
            for name in ("one", "two", "three")
        ]
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self.write()

    def write(self) -> None:
        """Write the nodes' folders again: what `estation-central cluster` does after a certificate was given."""
        cluster_folder.write(self.folder, self._authority, self.nodes, datetime.now(UTC))

    def reload(self) -> None:
        """Let every node read who may come in, by the command of its unit."""
        (told,) = re.findall(r"^ExecReload=(.*)$", UNIT.read_text(), re.MULTILINE)
        for process in self._processes.values():
            subprocess.run(told.replace("$MAINPID", str(process.pid)).split(), check=True, timeout=10)

    def __enter__(self) -> Self:
        """Start all."""
        for node in self.nodes:
            self.start(node)
        return self

    def __exit__(self, *_: object) -> None:
        """Stop all."""
        for node in self.nodes:
            self.kill(node)

    def start(self, node: Node) -> None:
        """Start one."""
        place = self.folder / node.name
        with (place / "log").open("ab") as log:
            command = [SERVER, "-c", place / cluster_folder.CONFIGURATION]
            self._processes[node.name] = subprocess.Popen(command, stdout=log, stderr=log)

    def kill(self, node: Node) -> None:
        """End one as a crash would."""
        process = self._processes.pop(node.name, None)
        if process is not None:
            process.kill()
            process.wait(10)

    def log(self, node: Node) -> str:
        """What a node said."""
        return (self.folder / node.name / "log").read_text()

    def wait(self, asked: object) -> None:
        """Wait until ``asked()`` is true: a cluster chooses its leader before it lets anybody in."""
        until = time.monotonic() + READY_SECONDS
        while not asked():  # type: ignore[operator]
            assert time.monotonic() < until, "".join(self.log(node)[-3000:] for node in self.nodes)
            time.sleep(0.1)
