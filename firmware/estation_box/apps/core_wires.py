"""The way to a station's TV, built from its profile: the one place that knows every driver of it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from estation_box.drivers.cec import CecWire
from estation_box.drivers.infrared import InfraredWire
from estation_box.guarding.interfaces import Line
from estation_box.settings import Lead
from estation_box.television.interfaces import Told, Wire
from estation_box.television.none import NoWire
from estation_wire.tv import TvWire

log = logging.getLogger(__name__)


def opened(wire: TvWire, put: Callable[[Told], None], line: Line, stack: ExitStack, lead: Lead) -> Wire:
    """The wire, open until ``stack`` is closed; one that cannot be opened is none, and the log says why."""
    if wire.by == "cec":
        return stack.enter_context(CecWire(put, Path(lead.cec)))
    if wire.by == "infrared" and not wire.fault:
        return InfraredWire(line, bytes.fromhex(wire.infrared_on))
    if wire.by == "relay":
        from estation_box.drivers.relay import RelayError, RelayWire  # noqa: PLC0415 - 5 MB, only where it is used

        try:
            return stack.enter_context(RelayWire(put))
        except RelayError as error:
            log.warning("%s", error)
    return NoWire()
