"""Django of this process over any centre's tables, and subcommands of `estation-central` over them without a start.

A start costs more than half a second of the processor, most of it Django's. Where it is not the start that is tried,
`here` does as `tests.support.centre.central` does; Django must have been set up before (the fixture ``django``).
"""

from __future__ import annotations

import io
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path

from estation_central import command
from estation_central.settings import CentreSettings, read
from tests.support.centre import centre_environment


@contextmanager
def pointed_at(settings: CentreSettings) -> Iterator[None]:
    """Django's tables are those of this centre."""
    from django.db import connections  # noqa: PLC0415 (Django must be set up first)

    from estation_central.site.settings import database  # noqa: PLC0415

    before = connections.settings["default"]
    connections["default"].close()
    connections.settings["default"] = connections.configure_settings({"default": database(settings)})["default"]
    del connections["default"]
    try:
        yield
    finally:
        connections["default"].close()
        connections.settings["default"] = before
        del connections["default"]


def here(state: Path, *arguments: str, database: str = "") -> subprocess.CompletedProcess[str]:
    """Run one subcommand to its end, with the environment that it has as a process."""
    from django.test import override_settings  # noqa: PLC0415

    environment = centre_environment(state, database)
    centre = read(environment)
    said, complained = io.StringIO(), io.StringIO()
    outside = dict(os.environ)
    os.environ.update(environment)
    try:
        with (
            pointed_at(centre),
            override_settings(CENTRE=centre),
            redirect_stdout(said),
            redirect_stderr(complained),
        ):
            status = command.main(arguments)
    finally:
        os.environ.clear()
        os.environ.update(outside)
    return subprocess.CompletedProcess(arguments, status, said.getvalue(), complained.getvalue())
