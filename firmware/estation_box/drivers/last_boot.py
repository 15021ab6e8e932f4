"""How the last boot ended: what core, safe, supervisor and chip left behind. See `guarding.interfaces.LastBoot`."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Annotated, Final

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace

from estation_box.drivers import watchdog
from estation_box.drivers.two_copies import TwoCopies
from estation_box.guarding import budget
from estation_box.guarding.cause import Facts
from estation_wire.decoding import decoder

REBOOTS: Final = "reboots"
MARKS: Final = "last-boot"
_LIMIT: Final = 512
log = logging.getLogger(__name__)


class _Marks(Struct, frozen=True, kw_only=True, omit_defaults=True):
    ended: Annotated[str, Meta(max_length=64)] = ""
    cuts: Annotated[int, Meta(ge=0, le=2**32)] | None = None


class BootMarks:
    """In ``state``; the readers of the chip are this machine's own. A card that refuses only makes causes unknown."""

    def __init__(
        self, state: Path, *, status: Path = watchdog.STATUS_FILE, register: Path = watchdog.REGISTER_FILE
    ) -> None:
        self._marks = TwoCopies(state / MARKS, _LIMIT)
        self._reboots = TwoCopies(state / REBOOTS, budget.MAX_BYTES)
        self._status = status
        self._register = register

    def found(self, boot: str, cuts: int | None) -> Facts:
        """See `LastBoot.found`."""
        marks, reboots = self._read(), self._budget()
        return Facts(
            boot=boot,
            ended=marks.ended,
            wanted=(reboots.wanted_in, reboots.wanted),
            supervisor_cut=cuts is not None and marks.cuts is not None and cuts > marks.cuts,
            watchdog_status=watchdog.watchdog_status(self._status),
            reset_register=watchdog.reset_register(self._register),
        )

    def begun(self, cuts: int | None) -> None:
        """See `LastBoot.begun`."""
        marks, reboots = self._read(), self._budget()
        self._write(_Marks(cuts=marks.cuts if cuts is None else cuts), marks)
        if reboots.wanted:
            try:
                self._reboots.write(budget.encode(replace(reboots, wanted="")))
            except OSError as error:
                log.warning("that the reboot was reported cannot be kept: %s", error)

    def left(self, boot: str, cuts: int | None) -> None:
        """See `LastBoot.left`."""
        marks = self._read()
        self._write(_Marks(ended=boot, cuts=marks.cuts if cuts is None else cuts), marks)

    def _read(self) -> _Marks:
        try:
            return decoder(_Marks).decode(self._marks.read() or b"{}")
        except (OSError, msgspec.MsgspecError):
            return _Marks()

    def _write(self, marks: _Marks, before: _Marks) -> None:
        if marks == before:
            return
        try:
            self._marks.write(msgspec.json.encode(marks))
        except OSError as error:
            log.warning("how this boot goes cannot be kept: %s", error)

    def _budget(self) -> budget.Budget:
        try:
            return budget.decode(self._reboots.read())
        except (OSError, ValueError):
            return budget.Budget()
