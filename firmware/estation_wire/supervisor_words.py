"""What the frames between the Pi and the supervisor say. One file for both machines; no I/O, no clock.

Who says it:  > the Pi to the supervisor,  < the supervisor to the Pi,  = both. All numbers little-endian.
`read` gives the numbers of a frame, or None where kind or length are not these: an unknown word is skipped. What the
Pi alone reads stands in `supervisor_heard`.
"""

from struct import calcsize, pack, unpack

HELLO = 1  # = who speaks; the other side answers a Pi's HELLO with its own. Until it has heard one it says it every 2 s
BEAT = 2  # > the promise holds: the picture moves, or nothing is due, or safe mode
GOODBYE = 3  # > a wanted end: the supervisor does not cut
TIME = 4  # > UTC, for the supervisor's own log; it never decides anything by it
COUNTERS = 5  # < what is counted, cumulative: a lost frame loses nothing
LOG = 6  # < a line for the Pi's journal: level u8, then UTF-8 text
IR_SEND = 7  # > a code for the TV: form u8 (see `estation_wire.infrared`), then its numbers
IR_LEARN = 8  # > listen to the receiver for so long
IR_LEARNT = 9  # < what was seen: pulses and spaces in us, u16 each; none: nothing came
IR_SENT = 10  # < the code with this number left the LED (1) or could not (0)
PARAMETERS = 11  # > the times of the policy; outside their limits they are refused whole, and the STATUS says so
LIGHT = 12  # > the colour of one light, until the next; black gives it back to the supervisor
STATUS = 13  # < the policy's state, every 2 s and at each change
WARNING = 14  # < no healthy beat: the power is cut in so many seconds

FORMS = {
    HELLO: "<HHB",  # firmware version, starts since it was built, cause of this start (CAUSE_*)
    BEAT: "<BIH",  # health (HEALTH_*), position of the film in ms, pause asked for in seconds (an update; bounded)
    GOODBYE: "<B",  # REBOOTING or HALTING
    TIME: "<Q",  # ms since 1970, UTC
    COUNTERS: "<HIHH",  # starts of the supervisor, passages at the door since this start, mV supply, mV at the Pi
    IR_LEARN: "<H",  # ms, at most 20,000
    IR_SENT: "<HB",  # number of the frame IR_SEND, whether it left
    PARAMETERS: "<HHHHBH",  # boot s, beat s, warning s, off s, cuts an hour, lockout s
    LIGHT: "<BBBB",  # which light (0 or 1), red, green, blue
    STATUS: "<BIBBB",  # phase (PHASES), cuts ever, cuts this hour, 1 where the last PARAMETERS hold, frames dropped
    WARNING: "<H",  # seconds
}

CAUSE_POWER, CAUSE_WATCHDOG, CAUSE_PI = 1, 2, 3
"""Why the supervisor started: power came, its own watchdog, or the Pi's reset line."""

HEALTH_PLAYING, HEALTH_IDLE, HEALTH_SAFE = 1, 2, 3
"""Playback moves; nothing is due by the schedule; `estation-safe` says it."""

REBOOTING, HALTING = 1, 2

PHASES = ("BOOT", "WATCH", "WARNED", "OFF", "LOCKOUT", "GONE")
"""A phase travels as its place in this list."""

DEFAULTS = (120, 60, 10, 5, 3, 3600)
LOWEST = (60, 5, 2, 2, 1, 600)
HIGHEST = (900, 300, 60, 30, 6, 43200)
"""PARAMETERS, in their order. Off is never shorter than the Pi's capacitors need."""

MAX_PAUSE_S = 1800
"""An update may ask for so much time without a beat, and no more."""

MAX_TEXT = 200
"""Bytes of a line in LOG."""


def say(kind: int, *numbers: int) -> bytes:
    """The payload of a frame of fixed form. Raises `KeyError` for a kind that has none."""
    return pack(FORMS[kind], *numbers)


def read(kind: int, payload: bytes) -> tuple[int, ...] | None:
    """The numbers of a frame of fixed form; None where the kind has none, or the length is another."""
    form = FORMS.get(kind)
    if form is None or calcsize(form) != len(payload):
        return None
    return unpack(form, payload)


def parameters(payload: bytes) -> tuple[int, ...] | None:
    """The times in PARAMETERS; None where one is outside its limits."""
    numbers = read(PARAMETERS, payload)
    if numbers is None:
        return None
    fits = [LOWEST[place] <= number <= HIGHEST[place] for place, number in enumerate(numbers)]
    return numbers if all(fits) else None


def line(level: int, text: str) -> bytes:
    """The payload of LOG: ``level`` as the module logging counts, text cut to `MAX_TEXT` bytes."""
    return bytes((level,)) + text.encode()[:MAX_TEXT]
