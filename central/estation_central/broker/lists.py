"""Who may come in, for every broker of the centre: mosquitto's access list, and the users of a cluster's nodes.

Written whole after each certificate that was given or taken back; brokers read it when systemd tells them to
(``estation-broker-reload.path``, ``estation-node-reload@.path``). Reading 24,139 certificates takes seconds: who gives
many lets `Soon` write once for all of them.
"""

from __future__ import annotations

import fcntl
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from estation_central.authority.folder import Authority
from estation_central.broker import cluster_folder, folder
from estation_central.settings import CentreSettings

LOCK: Final = "lists.lock"
SOON_SECONDS: Final = 5.0  # a box that was not let in yet asks again and again
log = logging.getLogger("estation-lists")


def write(settings: CentreSettings, authority: Authority) -> None:
    """Write all lists of brokers that are set up here. Raises `OSError`."""
    with alone(settings.state):
        if settings.broker.is_dir():
            folder.write_access(settings.broker, authority)
        cluster_folder.write_users(settings.cluster, authority)


@contextmanager
def alone(state: Path) -> Iterator[None]:
    """One writer at a time: an older list that is written later would let a stolen box in again."""
    with (state / LOCK).open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


class Soon:
    """Does ``work`` shortly after it was asked for: once, for all who asked meanwhile."""

    def __init__(self, work: Callable[[], None], seconds: float = SOON_SECONDS) -> None:
        self._work, self._seconds = work, seconds
        self._waiting: threading.Timer | None = None
        self._lock = threading.Lock()

    def __call__(self) -> None:
        """Ask for it."""
        with self._lock:
            if self._waiting is None:
                self._waiting = threading.Timer(self._seconds, self._do)
                self._waiting.daemon = True
                self._waiting.start()

    def _do(self) -> None:
        with self._lock:
            self._waiting = None
        try:
            self._work()
        except OSError as error:
            log.error("the brokers' lists cannot be written: %s", error)  # noqa: TRY400 - its cause is in the words
