"""Core's half of the reports by stick: what sync shall take along, and what a stick acknowledged."""

from __future__ import annotations

import logging

from estation_box.clock.moment import Moment
from estation_box.journal.interfaces import JournalStore, JournalUnavailableError
from estation_box.journal.service import Journal
from estation_box.reporting.by_stick import MAX_FAULTS, Condition, CorePostbox, Letter, Outgoing, letters
from estation_wire.messages import Health
from estation_wire.records import Fault

log = logging.getLogger(__name__)


class Post:
    """Between the journal, which core alone holds, and the stick, which sync alone holds."""

    def __init__(self, journal: Journal, store: JournalStore, postbox: CorePostbox) -> None:
        """``store``: the journal's own, read beside it for more than the one batch that is next."""
        self._journal = journal
        self._store = store
        self._postbox = postbox

    def send(self, moment: Moment, firmware: str, health: Health) -> None:
        """A stick is about to be read: have what the centre lacks taken along, and how the box is."""
        batches: tuple[Letter, ...] = ()
        try:
            state = self._journal.state()
            batches = letters(state, self._store.read)
        except JournalUnavailableError as error:
            state = None
            log.warning("the reports do not go with this stick: %s", error)
        least = 0 if state is not None else 1  # where the card gives nothing, nobody knows how many
        left = max(self._journal.undelivered() - sum(len(letter.records) for letter in batches), least)
        faults = tuple(record for record in self._journal.recent() if isinstance(record, Fault))
        self._postbox.send(Outgoing(moment.at, batches, Condition(firmware, health, faults[-MAX_FAULTS:]), left))

    def collect(self) -> None:
        """A stick was read: what it acknowledged raises the watermark, and never lowers it."""
        for stored in self._postbox.acknowledgements():
            self._journal.acknowledge(stored.journal, stored.watermark, authoritative=False)
