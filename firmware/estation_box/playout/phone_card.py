"""The card that lets a phone in: a square to scan, or that no network reaches the box. Pure."""

from __future__ import annotations

from estation_box.playout import cards, drawing
from estation_box.playout.qr import modules
from estation_box.words import say


def card(address: str, *, name: str, clock: str) -> str:
    """``address``: of the page; empty where there is none to be had."""
    if not address:
        headline, detail = say("No network: a phone cannot reach this box")
        return cards.station_card(name=name, headline=headline, detail=detail, lines=(), clock=clock)
    first, second = say("Scan: your phone is the remote")
    same, same_second = say("For ten minutes, in the same network")
    right = drawing.RIGHT - drawing.QR_SIDE - 40
    return "\n".join(
        [
            *drawing.ground(),
            *drawing.head(name, clock),
            *drawing.block(first, 210, size=54, colour=drawing.PAPER, rows=2, right=right),
            *drawing.block(second, 380, size=32, colour=drawing.AMBER, rows=2, right=right),
            *drawing.block(same, 500, size=28, colour=drawing.MIST, rows=1, right=right),
            *drawing.block(same_second, 544, size=24, colour=drawing.MIST, rows=1, right=right),
            *drawing.qr_square(modules(address), drawing.RIGHT - drawing.QR_SIDE, 190),
        ]
    )
