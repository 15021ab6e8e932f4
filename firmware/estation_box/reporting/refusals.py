"""What came and was not ours to read: counted, and told in one line of the log, whatever the flood."""

from __future__ import annotations

import logging
from typing import Final

from estation_box.reporting import rules

SAMPLE_CHARACTERS: Final = 200
log = logging.getLogger(__name__)


class Refusals:
    """Counts messages that were dropped; the count and the last reason are logged at most once an hour."""

    def __init__(self) -> None:
        self._untold = 0
        self._sample = ""
        self._told_at: float | None = None

    def count(self, reason: object) -> None:
        """One more was dropped."""
        self._untold += 1
        self._sample = ascii(str(reason)[:SAMPLE_CHARACTERS])

    def tell(self, up: float) -> None:
        """Log what has gathered, if it is time."""
        if self._untold and (self._told_at is None or up - self._told_at >= rules.LOG_EVERY_SECONDS):
            log.warning("%d messages were dropped as malformed or not for us; the last: %s", self._untold, self._sample)
            self._untold, self._told_at = 0, up
