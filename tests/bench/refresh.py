"""``refresh``: what it costs a box that has everything to ask whether there is anything new.

A real publisher with a county's and an emergency desk's delegation, on a real web server that counts requests and the
bytes of bodies; the peer is python-tuf's own client as it comes, over the same repository.
"""

from __future__ import annotations

import random
import tempfile
from pathlib import Path
from typing import Final

from tuf.ngclient import Updater

from estation_box.drivers.http import HttpSource, Server
from estation_wire.bulletins import BULLETINS_NAME
from estation_wire.library import PROGRAMME_NAME
from studio.delegation import delegate, publish_as
from studio.publishing import REPOSITORY
from tests.bench.result import Result, command
from tests.support.http_server import WebServer
from tests.support.library import NOW, make_stick
from tests.support.sync_box import Box
from tests.support.trusting import COUNTY, bulletin_of, programme_of, refreshed

BAR_BYTES: Final = 1000
BAR_REQUESTS: Final = 2


def run() -> list[Result]:
    """Bytes of bodies, and requests, of the second refresh."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made = make_stick(folder, videos=1, station=None)
        for role, document in (
            (COUNTY, {PROGRAMME_NAME: programme_of(made, "market-day")}),
            ("emergency", {BULLETINS_NAME: bulletin_of("storm")}),
        ):
            delegate(made.studio, role, now=NOW)
            publish_as(made.studio, role, document, now=NOW)
        box = Box(folder / "box", made.root)
        with WebServer(made.studio / REPOSITORY) as web:
            _ours(web, box, changed=True)
            ours = _ours(web, box, changed=False)
            metadata = folder / "peer"
            metadata.mkdir()
            _theirs(web, made.root, metadata)
            theirs = _theirs(web, made.root, metadata)
    return [
        Result(
            id=f"refresh{suffix}", value=ours[at], unit=unit, peer="python-tuf alone", peer_value=theirs[at],
            ratio=round(theirs[at] / ours[at], 2), bar=f"at most {bar} {unit}", ok=ours[at] <= bar,
            command=command("refresh"),
        )
        for at, suffix, unit, bar in ((0, "", "bytes of bodies", BAR_BYTES), (1, "-requests", "requests", BAR_REQUESTS))
    ]  # fmt: skip


def _cost(web: WebServer) -> tuple[int, int]:
    cost = web.sent, len(web.asked)
    web.sent = 0
    web.asked.clear()
    return cost


def _ours(web: WebServer, box: Box, *, changed: bool) -> tuple[int, int]:
    with HttpSource(Server(web.url), random.Random(1)) as http:
        if refreshed(box, http) is not changed:
            msg = "the refresh was not as planned"
            raise RuntimeError(msg)
    return _cost(web)


def _theirs(web: WebServer, root: Path, metadata: Path) -> tuple[int, int]:
    updater = Updater(str(metadata), f"{web.url}/metadata", bootstrap=root.read_bytes())
    updater._trusted_set.reference_time = NOW
    updater.refresh()
    return _cost(web)
