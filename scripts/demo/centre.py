"""The demo's centre: private authority, broker, collector and pages, each as on a server, on free ports."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final, NamedTuple

from scripts.demo.processes import Children, answers, free_ports

STATION: Final = "demo-hall-0001"
REGION: Final = "653101"
TITLE: Final = "示范文化室 · Demo hall"
TIMEZONE: Final = "Asia/Shanghai"
MINIMUM_SECONDS: Final = 30


class Ports(NamedTuple):
    """Where the centre listens on this machine."""

    tls: int
    websocket: int
    plain: int
    page: int


class Centre:
    """The centre's processes among ``children``; its state in ``state``; boxes call it by ``host``."""

    def __init__(self, children: Children, state: Path, database: str = "", host: str = "127.0.0.1") -> None:
        self._children = children
        self.state = state
        self.host = host
        self.ports = Ports(*free_ports(4))
        self.environment = {"ESTATION_CENTRE_STATE": str(state), "ESTATION_CENTRE_DEMO": "1", "DATABASE_URL": database}

    def prepare(self) -> None:
        """Make authority, certificates, the broker's configuration and the tables, and register the station."""
        ports = self.ports
        self.command(
            "init", "--host", self.host, "--listen", "127.0.0.1", "--tls-port", str(ports.tls),
            "--websocket-port", str(ports.websocket), "--demo-port", str(ports.plain),
        )  # fmt: skip
        self.command(
            "station", "add", STATION, "--region", REGION, "--title", TITLE, "--site", "demo-village",
            "--timezone", TIMEZONE, "--seconds", str(MINIMUM_SECONDS),
        )  # fmt: skip

    def start(self) -> None:
        """Start broker, collector and pages, and wait until they answer."""
        self.start_broker()
        self.start_collector()
        self._children.start("pages", [*_central(), "serve", "--port", str(self.ports.page)], **self.environment)
        self._children.wait("the pages are up", lambda: answers(self.ports.page), 30)

    def start_broker(self) -> None:
        """Start mosquitto with the configuration that `prepare` wrote."""
        self._children.start("broker", ["mosquitto", "-c", self.configuration])
        self._children.wait("the broker is up", lambda: answers(self.ports.tls), 15)

    def start_collector(self) -> None:
        """Start the collector."""
        self._children.start("collector", [*_central(), "collect", "--port", str(self.ports.tls)], **self.environment)

    def command(self, *words: str, timeout: float = 120.0) -> None:
        """Run one `estation-central` command to its end; raises `DemoError`."""
        self._children.once(f"central-{words[0]}", [*_central(), *words], timeout, **self.environment)

    @property
    def configuration(self) -> Path:
        """The broker's configuration."""
        return self.state / "broker" / "mosquitto.conf"

    @property
    def authority(self) -> Path:
        """The private authority's certificate."""
        return next((self.state / "authority").glob("authority.pem"))


def _central() -> list[str]:
    return [sys.executable, "-m", "estation_central.command"]
