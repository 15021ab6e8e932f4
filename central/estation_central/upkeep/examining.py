"""Measures what the doctor speaks of. Each look is for itself: a broken part does not hide the others."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from cryptography import x509
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Max

from estation_central.authority.certificates import COLLECTOR
from estation_central.authority.folder import SERVER, Authority
from estation_central.settings import CentreSettings
from estation_central.stations.models import Latest
from estation_central.upkeep import backup, rules
from estation_central.upkeep.databases import UpkeepError
from estation_central.upkeep.rules import Mark, Said

SECONDS: Final = 5.0  # for the broker, and for systemd


def examine(settings: CentreSettings, port: int, copies: Path | None, now: datetime) -> Iterator[Said]:
    """Everything, in the order in which it is to be mended. ``port``: the broker's TLS port on this machine."""
    yield from _look("database", lambda: _database(now))
    yield rules.disk(shutil.disk_usage(settings.state).free)
    yield rules.synchronised(_timedate())
    authority = Authority(settings.authority)
    yield from _look("certificate", lambda: _certificate(authority, now))
    yield from _look("broker", lambda: _broker(authority, port))
    if copies is not None:
        yield from _look("copy", lambda: [rules.copied(_newest(copies), now)])


def _look(what: str, look: Callable[[], list[Said]]) -> list[Said]:
    try:
        return look()
    except (DatabaseError, OSError, ValueError) as error:
        return [Said(Mark.FAULT, what, " ".join(str(error).split())[:300])]


def _database(now: datetime) -> list[Said]:
    with connection.cursor() as cursor:
        postgres = connection.vendor == "postgresql"
        cursor.execute("SELECT now()" if postgres else "SELECT strftime('%Y-%m-%d %H:%M:%f', 'now')")
        (told,) = cursor.fetchone()
    theirs = told if isinstance(told, datetime) else datetime.fromisoformat(told).replace(tzinfo=UTC)
    executor = MigrationExecutor(connection)
    behind = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    said = [rules.clock(theirs, now), rules.tables(behind)]
    return said if behind else [*said, rules.heard(Latest.objects.aggregate(at=Max("heard"))["at"], now)]


def _certificate(authority: Authority, now: datetime) -> list[Said]:
    server = x509.load_pem_x509_certificate(authority.pair(SERVER)[0].read_bytes())
    x509.load_pem_x509_crl(authority.revoked_list.read_bytes())
    return [rules.certificate("certificate", server.not_valid_after_utc, now)]


def _broker(authority: Authority, port: int) -> list[Said]:
    """Whether it speaks TLS with the certificate of our authority, and takes the collector's."""
    context = ssl.create_default_context(cafile=str(authority.certificate))
    context.load_cert_chain(*map(str, authority.pair(COLLECTOR)))
    with (
        socket.create_connection(("127.0.0.1", port), SECONDS) as plain,
        context.wrap_socket(plain, server_hostname="127.0.0.1") as line,
    ):
        return [Said(Mark.FINE, "broker", f"{line.version()} on port {port}")]


def _timedate() -> str:
    command = ["timedatectl", "show", "--property=NTPSynchronized", "--value"]
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False).stdout.strip()
    except (OSError, subprocess.TimeoutExpired):
        return ""


def _newest(copies: Path) -> datetime | None:
    """When the newest whole copy was made; its files are not read for it."""
    for manifest in sorted(copies.glob(f"*/{backup.MANIFEST}"), reverse=True):
        try:
            return backup.told(manifest).made
        except UpkeepError:
            continue
    return None
