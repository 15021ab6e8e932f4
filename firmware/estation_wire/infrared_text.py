"""Infrared codes as the text that `ir-ctl` of v4l-utils reads and writes; both share files. For the Pi; pure.

::

    carrier 38000
    pulse 9024
    space 4480
    pulse 560
"""

from estation_wire.errors import MalformedError
from estation_wire.infrared import HIGHEST_HZ, LONGEST_US, LOWEST_HZ, MAX_PULSES


def text(carrier_hz: int, pulses: list[int]) -> str:
    """The file for `ir-ctl --send`."""
    words = ("pulse", "space")
    return "\n".join(
        [f"carrier {carrier_hz}", *(f"{words[place & 1]} {length}" for place, length in enumerate(pulses)), ""]
    )


def from_text(written: str) -> tuple[int, list[int]]:
    """Carrier (38,000 where none is named) and pulses of a file of `ir-ctl --receive` or ours.

    The long space that ends a reception, and `timeout`, end the code. Raises `MalformedError` with the line.
    """
    carrier_hz, pulses = 38_000, list[int]()
    for number, line in enumerate(written.splitlines(), 1):
        word, _, rest = line.partition("#")[0].strip().partition(" ")
        if not word:
            continue
        if not (rest.strip().isascii() and rest.strip().isdigit() and len(rest.strip()) <= 8):
            raise MalformedError(_refused(number, line))
        length = int(rest)
        if word == "timeout" or (word == "space" and length > LONGEST_US):
            break
        if word == "carrier" and LOWEST_HZ <= length <= HIGHEST_HZ:
            carrier_hz = length
        elif word == ("pulse", "space")[len(pulses) & 1] and 0 < length <= LONGEST_US and len(pulses) < MAX_PULSES:
            pulses.append(length)
        else:
            raise MalformedError(_refused(number, line))
    if not pulses:
        message = "there is no pulse in it: is it a file of ir-ctl?"
        raise MalformedError(message)
    return carrier_hz, pulses if len(pulses) & 1 else pulses[:-1]


def _refused(number: int, line: str) -> str:
    return (
        f"line {number}, «{line[:40]}»: expected is pulse and space in turn, at most {MAX_PULSES} of them, "
        f"each 1 to {LONGEST_US} us, or a carrier of {LOWEST_HZ} to {HIGHEST_HZ} Hz"
    )
