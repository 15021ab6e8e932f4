"""Which commands were dealt with already: a bounded memory that outlives a restart.

The centre sends a command again until it has seen the reply; a reboot that was done must not be done again.
"""

from __future__ import annotations

import logging
from typing import Final, Literal

import msgspec

from estation_box.reporting import rules
from estation_box.reporting.interfaces import Document
from estation_wire.decoding import decoder
from estation_wire.values import HEX32_PATTERN, matches

Outcome = Literal["accepted", "done", "refused"]
MAX_BYTES: Final = 4000  # 64 commands take 3.2 kB: one page of the card
log = logging.getLogger(__name__)


class KnownCommands:
    """The last commands by their ids, each with what became of it (None while nothing was answered)."""

    def __init__(self, memory: Document) -> None:
        self._memory = memory
        self._known: dict[str, Outcome | None] = self._read()

    def __contains__(self, command: str) -> bool:
        return command in self._known

    def outcome(self, command: str) -> Outcome | None:
        """What was answered; None where nothing was, or where the command is not known."""
        return self._known.get(command)

    def note(self, command: str, outcome: Outcome | None) -> None:
        """Remember the command and what became of it."""
        if self._known.get(command, "") == outcome:
            return
        self._known[command] = outcome
        while len(self._known) > rules.KNOWN_COMMANDS:
            del self._known[next(iter(self._known))]
        try:
            self._memory.write(msgspec.json.encode(list(self._known.items())))
        except (OSError, ValueError) as error:
            log.warning("a command may be followed again after a restart, it was not noted: %s", error)

    def _read(self) -> dict[str, Outcome | None]:
        try:
            document = (self._memory.read() or b"[]")[:MAX_BYTES]
            pairs = decoder(list[tuple[str, Outcome | None]]).decode(document)
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
            return {}
        # what was begun and not answered before a restart is not begun again
        return {command: outcome or "refused" for command, outcome in pairs if matches(HEX32_PATTERN, command)}
