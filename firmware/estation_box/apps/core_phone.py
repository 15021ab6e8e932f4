"""Core and the phone of somebody in the room: a page of the box for ten minutes, after a long press, and no longer."""

from __future__ import annotations

from typing import Any

import msgspec

from estation_box.apps.core_parts import Parts
from estation_box.apps.core_remote import Remote
from estation_box.apps.events import PhoneAsks
from estation_box.clock.moment import Moment
from estation_box.remote import phone


class Phone:
    """Whether the page is there, and what it is answered."""

    def __init__(self, parts: Parts, remote: Remote) -> None:
        self._page = parts.phone
        self._remote = remote
        self._until = 0.0
        self.address: str | None = None
        """Where the page is; empty where it was wanted and no network reaches the box; None where nobody wants it."""

    def press(self, moment: Moment) -> bool:
        """Open the page, or close it again; False where this box has none."""
        if self._page is None:
            return False
        if self.address is not None:
            self.close()
        else:
            self._remote.learn(moment)
            self.address = self._page.open()
            self._until = moment.up + (phone.OPEN_SECONDS if self.address else phone.TOLD_SECONDS)
        return True

    def tick(self, moment: Moment) -> None:
        """Let time pass."""
        if self.address is not None and moment.up >= self._until:
            self.close()

    def close(self) -> None:
        """Nobody is let in any more."""
        if self._page is not None and self.address is not None:
            self._page.close()
        self.address = None

    def asked(self, event: PhoneAsks, moment: Moment) -> bytes:
        """The answer to a phone, as JSON; nothing where the page was closed meanwhile."""
        if not self.address:
            return b"{}"
        remote = self._remote
        if event.what == "films":
            return msgspec.json.encode(phone.films(remote.known))
        if event.asked is not None:
            deed = phone.deed(event.asked, remote.stage, remote.known)
            if deed is not None:
                remote.do(deed, moment)
        return msgspec.json.encode(self._state(moment))

    def _state(self, moment: Moment) -> dict[str, Any]:
        playing = self._remote.playing()
        return {
            "stage": self._remote.stage.name.lower(),
            "title": playing.title if playing else "",
            "position": int(playing.position) if playing else 0,
            "seconds": round(playing.seconds) if playing else 0,
            "counted": self._remote.known.counted,
            "left": max(round(self._until - moment.up), 0),
        }
