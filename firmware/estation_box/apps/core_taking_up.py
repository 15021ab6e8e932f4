"""What core does at its start about a session that a kill or a power cut broke off."""

from __future__ import annotations

import logging

from estation_box.clock.moment import Moment
from estation_box.journal.service import Journal
from estation_box.playout import checkpoint
from estation_box.playout.checkpoint import Rest
from estation_box.playout.service import Playout

log = logging.getLogger(__name__)


def take_up(journal: Journal, playout: Playout, moment: Moment) -> Rest | None:
    """Let the session go on in the player that shows it, or write down its end. What is left of it, to be shown yet.

    What is left is on the card from now on, until it begins or is called off: the power may go again before that.
    """
    left = checkpoint.decode(journal.unfinished())
    known = checkpoint.reconcile(left.show, journal.recent()) if left is not None else None
    if left is None or known is None or known.ended:
        rest = None
    elif left.waits:
        rest = Rest(left.show, left.saved) if checkpoint.in_time(left.saved, moment) else None
    elif left.saved.boot == moment.boot:
        log.info("core was restarted in a session: it goes on")
        playout.adopt(known.show, moment, started=known.started)
        return None
    else:
        playout.close(known.show, moment, started=known.started)
        rest = checkpoint.resumable(known.show, left.saved, moment)
    journal.checkpoint(checkpoint.waiting(rest))
    return rest
