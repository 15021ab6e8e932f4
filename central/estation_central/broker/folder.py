"""The broker's folder: its configuration and access lists, written from the authority's folder."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Final

from estation_central.authority.certificates import COLLECTOR
from estation_central.authority.folder import SERVER, Authority
from estation_central.broker import configuration
from estation_central.broker.configuration import Files, Listeners

CONFIGURATION: Final = "mosquitto.conf"
ACCESS: Final = "access"
DEMO_ACCESS: Final = "access-demo"


def write(folder: Path, authority: Authority, listeners: Listeners) -> Path:
    """Write everything; the path of ``mosquitto.conf``. Raises `OSError`."""
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    certificate, key = authority.pair(SERVER)
    files = Files(
        authority=authority.certificate.resolve(),
        certificate=certificate.resolve(),
        key=key.resolve(),
        revoked=authority.revoked_list.resolve(),
        access=folder / ACCESS,
        demo_access=folder / DEMO_ACCESS,
    )
    write_access(folder, authority)
    (folder / DEMO_ACCESS).write_text(configuration.demo_access())
    (folder / DEMO_ACCESS).chmod(0o600)
    path = folder / CONFIGURATION
    path.write_text(configuration.configuration(listeners, files, getpass.getuser()))
    return path


def write_access(folder: Path, authority: Authority) -> None:
    """Write the access list again, after a certificate was signed or taken back; the broker reads it at SIGHUP."""
    beside = folder / f".{ACCESS}.new"
    beside.write_text(configuration.access(COLLECTOR, authority.later_accounts(), authority.revoked_accounts()))
    beside.chmod(0o600)  # mosquitto warns of a list that others can read
    beside.replace(folder / ACCESS)
