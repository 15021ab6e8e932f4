"""``pages``: each page of the centre twenty times, over the whole prefecture; and what a first load weighs.

3,578 sites with 24,139 stations, half a year of weeks and a year of sums (`tests/support/weeks.py`) in the embedded
database, served as an operator serves it. No pictures are among these pages; a first load is the page and its style
sheets, as they are sent.
"""

from __future__ import annotations

import re
import sqlite3
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from estation_central.registry.transfer import files
from tests.bench.result import Result, command, percentile
from tests.support import boxes, prefecture, published, weeks
from tests.support.centre import Process, central
from tests.support.mosquitto import free_port

TIMES: Final = 20
BAR_MILLISECONDS: Final = 300.0
BAR_BYTES: Final = 60_000
YEAR: Final = datetime.now(UTC).year
PAGES: Final = (
    "/today/", "/today/route/", "/today/653101/", "/", "/regions/", "/regions/653101/", "/regions/653101100/",
    "/coverage/", "/sites/s-0000/", "/stations/room-00000/", "/stations/room-00000/history/", "/sums/",
    "/boxes/", "/boxes/?state=spare", "/boxes/?q=room-0001",
    f"/sums/?by=site&begin={YEAR}-01-01&end={YEAR}-12-31", f"/years/{YEAR}/",
    f"/sites/s-0000/weeks/{YEAR}-W10/", "/sites/s-0000/officers/", "/at/s-0000/", "/stations/room-00000/programme/",
    f"/years/{YEAR}/weeks/", f"/years/{YEAR}/weeks/653101/", f"/ledger/years/{YEAR}/", "/alerts/silences/",
    "/alerts/channels/",
    f"/sums/?by=site&begin={YEAR}-01-01&end={YEAR}-12-31&page=9",
    f"/sums/?by=topic&begin={YEAR - 1}-01-01&end={YEAR}-12-31",
    f"/sums/?by=language&region=653101&begin={YEAR - 1}-01-01&end={YEAR}-12-31",
    "/alerts/", "/bulletins/", "/bulletins/-new/", "/ledger/", "/ledger/terms/", "/ledger/overdue/", "/officers/",
    "/quarantine/", "/log/", "/users/", "/registry/import/", "/reports/", "/b/653101:storm-1/",
    "/library/", "/library/?order=title", f"/library/?first={YEAR - 1}-01&last={YEAR}-12&order=least",
)  # fmt: skip
HEARD: Final = """
INSERT INTO latest (station, leaf, region, payload, heard)
SELECT name, leaf, region, said, CASE leaf WHEN 'health' THEN strftime('%Y-%m-%d %H:%M:%S', 'now') END
FROM station, (SELECT 'health' AS leaf, '' AS said UNION ALL
  SELECT 'status', '{"v":1,"online":true,"boot":"00000000000000000000000000000000","firmware":"1.0"}')
WHERE substr(name, -1) != '7'"""
LOG_IN: Final = """
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from django_otp.plugins.otp_static.models import StaticDevice
from estation_central.accounts.models import Grant
user = User.objects.create_user("bench")
Grant.objects.create(user=user, role="administrator")
client = Client()
client.force_login(user)
session = client.session
session["otp_device_id"] = StaticDevice.objects.create(user=user, name="paper").persistent_id
session.save()
print(settings.SESSION_COOKIE_NAME + "=" + session.session_key)
"""
"""An administrator of everything, who has shown the second factor; the cookie is the last line."""
SHEETS: Final = re.compile(r'<link rel="stylesheet" href="([^"]+)"')


@contextmanager
def served(state: Path) -> Iterator[tuple[str, str]]:
    """The address of a centre with the prefecture in it, and the cookie of somebody who may see every page."""
    ports = ["--tls-port", str(free_port()), "--websocket-port", str(free_port()), "--demo-port", str(free_port())]
    (state / "all.xlsx").write_bytes(files.write_xlsx(prefecture.tables()))
    for words in (["init", "--listen", "127.0.0.1", *ports], ["registry", "import", "--yes", str(state / "all.xlsx")]):
        done = central(state, *words, seconds=600.0)
        assert done.returncode == 0, done.stderr
    with sqlite3.connect(state / "centre.sqlite3") as link:
        link.execute(HEARD)
    link.close()
    weeks.fill(state / "centre.sqlite3", items=16)
    published.fill(state / "centre.sqlite3")
    boxes.fill(state / "centre.sqlite3")
    done = central(state, "django", "shell", "-c", LOG_IN)
    assert done.returncode == 0, done.stderr
    with Process(state, "serve", "--port", "0") as server:
        yield re.findall(r"(http://127.0.0.1:\d+)/", server.wait_for("pages: ", 60.0))[-1], done.stdout.split()[-1]


def _get(address: str, cookie: str) -> bytes:
    with urllib.request.urlopen(urllib.request.Request(address, headers={"Cookie": cookie}), timeout=60) as answer:
        body: bytes = answer.read()
        assert answer.url == address, f"{address} leads to {answer.url}"
        return body


def measured(address: str, cookie: str, path: str) -> tuple[float, int]:
    """Milliseconds at the ninety-fifth percentile, and bytes of a first load."""
    body, took = _get(address + path, cookie), []
    for _ in range(TIMES):
        began = time.perf_counter()
        _get(address + path, cookie)
        took.append((time.perf_counter() - began) * 1000)
    sheets = sum(len(_get(address + sheet, cookie)) for sheet in SHEETS.findall(body.decode()))
    p95 = percentile(took, 0.95)
    weight = len(body) + sheets
    print({"page": path, "median": round(percentile(took, 0.5)), "p95": round(p95), "bytes": weight}, flush=True)
    return p95, weight


def run() -> list[Result]:
    """The slowest page, and the heaviest."""
    with tempfile.TemporaryDirectory() as name, served(Path(name)) as (address, cookie):
        rows = {path: measured(address, cookie, path) for path in PAGES}
    slowest, heaviest = max(rows, key=lambda path: rows[path][0]), max(rows, key=lambda path: rows[path][1])
    return [
        Result(
            id="pages", value=round(rows[slowest][0]), unit="ms", ok=rows[slowest][0] <= BAR_MILLISECONDS,
            bar=f"p95 of each page at most 300 ms; slowest of {len(rows)}: {slowest}", command=command("pages"),
        ),
        Result(
            id="pages-weight", value=float(rows[heaviest][1]), unit="bytes", ok=rows[heaviest][1] <= BAR_BYTES,
            bar=f"first load at most 60 kB; heaviest: {heaviest}", command=command("pages"),
        ),
    ]  # fmt: skip
