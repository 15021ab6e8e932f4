"""What the centre is told by its environment, and where its folders are. No Django here.

=========================  ==================================================================
``ESTATION_CENTRE_STATE``  the state folder (default: systemd's ``STATE_DIRECTORY``)
``DATABASE_URL``           ``postgres://user:password@host:port/name``; default: SQLite in the state folder
``ESTATION_CENTRE_HOSTS``  names by which browsers call the pages, with commas (default: this machine only)
``ESTATION_CENTRE_DEMO``   ``1``: pages are read-only and need no login; bound to 127.0.0.1
``ESTATION_CENTRE_LOG``    ``json``: what is said on standard error is a line of JSON each; default: ``text``
``ESTATION_CENTRE_MAIL``   ``smtps://user:password@host:port/?from=address`` for alerts; ``smtp://`` begins with
                           STARTTLS, but not to this machine itself; default: no mail is sent
=========================  ==================================================================
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

from msgspec import Struct

LOCAL_HOSTS: Final = ("127.0.0.1", "localhost", "[::1]")
POSTGRES_SCHEMES: Final = ("postgres://", "postgresql://")
MAIL_PORTS: Final = {"smtp": 587, "smtps": 465}


class CentreSettingsError(Exception):
    """The environment does not say enough, or says something that cannot be; the text names each fault."""


class Mail(Struct, frozen=True, kw_only=True):
    """The post office that takes our mail. ``secret``: the password, where it wants one."""

    host: str
    port: int
    sender: str
    user: str = ""
    secret: str = ""
    wrapped: bool = False
    """TLS from the first byte; else STARTTLS, unless ``plain``."""

    @property
    def plain(self) -> bool:
        """Whether it is this machine's own, to which nothing is sent over a line."""
        return not self.wrapped and self.host in LOCAL_HOSTS


class CentreSettings(Struct, frozen=True, kw_only=True):
    """The whole of the centre's settings. ``database`` is a PostgreSQL URL, or empty for the embedded default."""

    state: Path
    database: str = ""
    hosts: tuple[str, ...] = LOCAL_HOSTS
    demo: bool = False
    mail: Mail | None = None

    @property
    def sqlite_file(self) -> Path:
        """The embedded default database."""
        return self.state / "centre.sqlite3"

    @property
    def secret_file(self) -> Path:
        """The key that signs logins' cookies; made at `estation-central init`."""
        return self.state / "secret"

    @property
    def authority(self) -> Path:
        """The private authority's folder."""
        return self.state / "authority"

    @property
    def library(self) -> Path:
        """What python-tuf's client keeps of the published library; no key that signs."""
        return self.state / "library"

    @property
    def broker(self) -> Path:
        """The folder of the broker's configuration."""
        return self.state / "broker"

    @property
    def cluster(self) -> Path:
        """The folder of a cluster's nodes; empty or away where mosquitto does."""
        return self.state / "cluster"


def read(environment: Mapping[str, str]) -> CentreSettings:
    """The settings; raises `CentreSettingsError` with every fault together."""
    faults = []
    state = environment.get("ESTATION_CENTRE_STATE") or environment.get("STATE_DIRECTORY", "").split(":")[0]
    if not state:
        faults.append("ESTATION_CENTRE_STATE is not set: name the folder in which the centre keeps its state")
    database = environment.get("DATABASE_URL", "")
    if database and not database.startswith(POSTGRES_SCHEMES):
        faults.append("DATABASE_URL is not a postgres:// URL: leave it out to use SQLite in the state folder")
    demo = environment.get("ESTATION_CENTRE_DEMO", "")
    if demo not in {"", "0", "1"}:
        faults.append("ESTATION_CENTRE_DEMO is neither 0 nor 1")
    mail = None
    if words := environment.get("ESTATION_CENTRE_MAIL", ""):
        try:
            mail = _mail(words)
        except ValueError:
            faults.append("ESTATION_CENTRE_MAIL is not smtps://user:password@host:port/?from=address")
    if faults:
        raise CentreSettingsError("; ".join(faults))
    named = tuple(name.strip() for name in environment.get("ESTATION_CENTRE_HOSTS", "").split(",") if name.strip())
    return CentreSettings(state=Path(state), database=database, hosts=LOCAL_HOSTS + named, demo=demo == "1", mail=mail)


def _mail(words: str) -> Mail:
    """The post office of a URL; raises `ValueError` where it does not say which, or who sends."""
    told = urlsplit(words)
    ((sender,),) = parse_qs(told.query, strict_parsing=True).values()
    if told.scheme not in MAIL_PORTS or not told.hostname or "@" not in sender:
        raise ValueError(words)
    return Mail(
        host=told.hostname,
        port=told.port or MAIL_PORTS[told.scheme],
        sender=sender,
        user=unquote(told.username or ""),
        secret=unquote(told.password or ""),
        wrapped=told.scheme == "smtps",
    )


def secret(settings: CentreSettings) -> str:
    """The cookies' key; made at the first call, readable by the owner alone. Raises `OSError`."""
    try:
        descriptor = os.open(settings.secret_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return settings.secret_file.read_text()
    with os.fdopen(descriptor, "w") as file:
        key = secrets.token_urlsafe(48)
        file.write(key)
    return key
