"""Sets a centre up: authority, broker's configuration, tables. Can be run again at any time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import django
from django.core.management import call_command

from estation_central.authority.folder import Authority
from estation_central.broker import folder
from estation_central.broker.configuration import Listeners
from estation_central.settings import CentreSettings

HERE: Final = ("127.0.0.1", "localhost")  # the collector on this machine calls the broker so


def init(settings: CentreSettings, hosts: Sequence[str], listeners: Listeners) -> Path:
    """Make all that is missing; the path of the broker's configuration. Raises `OSError` or `AuthorityError`."""
    path = arrange(settings, hosts, listeners)
    migrate(settings)
    return path


def arrange(settings: CentreSettings, hosts: Sequence[str], listeners: Listeners) -> Path:
    """Make all but the tables: authority, certificates, and the broker's configuration, whose path this is."""
    settings.state.mkdir(mode=0o700, parents=True, exist_ok=True)
    authority = Authority(settings.authority)
    authority.make([*hosts, *HERE], datetime.now(UTC))
    return folder.write(settings.broker, authority, listeners)


def migrate(settings: CentreSettings) -> None:
    """Make or change the tables."""
    settings.state.mkdir(mode=0o700, parents=True, exist_ok=True)
    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
