"""How a station's box reaches its TV: a part of the profile."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from estation_wire import infrared

MAX_CODE_BYTES: Final = 2 * infrared.MAX_PULSES + 3


class TvWire(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The way to the TV.

    ``cec``: the HDMI cable, where the TV speaks on it; ``infrared``: the carrier board's LED; ``relay``: the TV's plug
    on the board's relay. ``infrared_on``: the code that switches this TV on and never off, as the supervisor sends it
    (form and numbers of the frame IR_SEND, in hex), such as ``01dc23df20`` for LG's «power on».
    """

    by: Literal["cec", "infrared", "relay", "none"] = "cec"
    infrared_on: Annotated[str, Meta(max_length=2 * MAX_CODE_BYTES, pattern=r"^([0-9a-f]{2})*\Z")] = ""

    @property
    def fault(self) -> str:
        """What a schema cannot say: that no LED can send the code, or that there is none. The studio signs no such."""
        if self.infrared_on and infrared.ordered(bytes.fromhex(self.infrared_on)) is None:
            return "`infrared_on` is not the payload of an IR_SEND; learn the code from the TV's remote"
        if self.by == "infrared" and not self.infrared_on:
            return "a TV that is reached by infrared needs the code that switches it on in `infrared_on`"
        return ""
