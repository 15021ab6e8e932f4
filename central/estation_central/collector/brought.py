"""How boxes without a network are: what the newest report of a visit says under its box's signature."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Final

from estation_central.collector.interfaces import Brought, Changes, Store, StoreRefusedError, StoreUnavailableError
from estation_central.collector.rules import Key
from estation_wire import codec
from estation_wire.stick import ReportHead

_log: Final = logging.getLogger("estation.collector")


def keep(store: Store, head: ReportHead, at: datetime) -> None:
    """Keep the health in the head of a report that was verified, if it is the newest. Raises `OSError`.

    A box that says nothing of itself, as older ones do, leaves what was known; a report that comes again does, too.
    """
    if head.health is None:
        return
    told = min(head.health.at, at)  # a clock that is ahead of ours makes nothing newer than it is
    payload = codec.encode(head.health).decode()
    changes = Changes(brought=[Brought(Key(head.station, head.journal), head.last, told, payload)])
    try:
        with store.transaction() as transaction:
            transaction.write(changes, at, iter(()))
    except StoreUnavailableError as error:
        msg = f"the records are stored, and how the box is could not be: {error}; run this again later"
        raise OSError(msg) from error
    except StoreRefusedError as error:  # its records are what counts, and they are taken
        _log.warning("what %s says of itself is not kept: %s", head.station, error)
