"""One stick's films into a card, as a process of its own: card's folder. Says how many seconds that took.

What is measured is the work from the first byte until all is verified, on the card and in the database; not Python's
own start, which `stick-again` measures.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from tests.support.card import Card

if __name__ == "__main__":
    card = Card.found(Path(sys.argv[1]))
    start = time.perf_counter()
    copied = card.ingest()
    took = time.perf_counter() - start
    assert len(copied.stored) == len(card.ids), copied
    print(took)
