"""The way from core to the player: requests out by number, tellings in through a callback that only queues."""

from __future__ import annotations

import logging
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any, Self

import msgspec

from estation_box.drivers.unix_socket import Heard, Joined, Left, Line, Link
from estation_box.playout.player_words import MAX_LINE_BYTES, AnyTelling, Request, decode_telling

log = logging.getLogger(__name__)


class PlayerSocket:
    """Connects to ``path`` again and again; ``put(telling)`` for each word, ``put(None)`` when the player is gone."""

    def __init__(self, path: Path, put: Callable[[AnyTelling | None], None]) -> None:
        self._put = put
        self._numbers = count(1)
        self._link = Link(path, self._heard, max_line=MAX_LINE_BYTES)

    def ask(self, request: type[Request], **fields: Any) -> int:
        """Send one request and return its number at once; 0 where no player is there."""
        number = next(self._numbers)
        return number if self._link.send(msgspec.json.encode(request(n=number, **fields))) else 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._link.close()

    def _heard(self, heard: Heard) -> None:
        if isinstance(heard, Line):
            try:
                self._put(decode_telling(heard.line))
            except ValueError as error:
                log.warning("the player said what nobody understands: %s", error)
        elif isinstance(heard, Left):
            self._put(None)
        elif isinstance(heard, Joined):
            log.info("a player is there")
