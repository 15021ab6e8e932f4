"""The next round is read while the database takes this one in; what was read ahead is neither lost nor doubled."""

from __future__ import annotations

from contextlib import contextmanager

from estation_central.collector.interfaces import Store, StoreUnavailableError
from estation_central.collector.service import ROUND_ROWS, Collector
from tests.support.centre import NOW, MemoryLink, events, record

BATCH = 100
STATIONS = 3 * ROUND_ROWS // BATCH


class Shaky:
    """A store whose database breaks off at the end of its second transaction that stores records."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.stored = 0

    @contextmanager
    def transaction(self):
        """A transaction that may break off."""
        with self.store.transaction() as transaction:
            write = transaction.write

            def counted(*words):
                write(*words)
                self.stored += 1
                if self.stored == 2:
                    message = "the database is gone"
                    raise StoreUnavailableError(message)

            transaction.write = counted
            yield transaction

    def close(self) -> None:
        """Let go."""
        self.store.close()


def test_rounds_read_ahead_survive_a_database_that_breaks_off(store: Store, query) -> None:
    """Three rounds' worth of boxes, the database gone in the second: each record once, each box answered once."""
    shaky, link = Shaky(store), MemoryLink()
    collector = Collector(shaky, link)
    batch = [record(seq) for seq in range(1, BATCH + 1)]
    link.arrivals.extend(events(batch, station=f"hall-{n:05}") for n in range(STATIONS))
    for turn in range(8):
        collector.turn(NOW, 60.0 * turn)
    assert collector.counters.outages == 1
    assert query("SELECT count(*), count(DISTINCT station) FROM journal_record") == [(STATIONS * BATCH, STATIONS)]
    assert len(link.take_acks()) == STATIONS
    assert (collector.counters.stored, collector.counters.doubled) == (STATIONS * BATCH, 0)
