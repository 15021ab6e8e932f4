"""A board without a board: for tests, on CPython and on MicroPython's unix port. Not in the firmware."""

from estation_wire.supervisor_words import CAUSE_POWER


class Board:
    """Keeps what the supervisor does to it; the line and the clock are given.

    ``read()`` gives the bytes that came, ``write(bytes)`` takes bytes, ``ticks()`` is ms. What a board without power
    cannot do is not done here either: nothing is said to, or heard from, a Pi that is cut.
    """

    def __init__(self, read, write, ticks, memory: bytes = b"", cause: int = CAUSE_POWER) -> None:
        self.ticks = ticks
        self.cause = cause
        self.memory = memory
        self.powered = None
        self.switched = []
        self.colours = []
        self.sent = []
        self.door = 0
        self.fed = 0
        self.remembered = 0
        self.seen = []
        self._read = read
        self._write = write
        self._until = 0

    def power(self, *, on: bool) -> None:
        """Work the switch; each change is kept with its time."""
        if on != self.powered:
            self.powered = on
            self.switched = self.switched[-19:]
            self.switched.append((self.ticks(), on))

    def read(self) -> bytes:
        """What the Pi said; nothing while it has no power."""
        data = self._read()
        return data if self.powered else b""

    def write(self, data: bytes) -> None:
        """Say it to the Pi, where there is one."""
        if self.powered:
            self._write(data)

    def feed(self) -> None:
        """The watchdog is fed."""
        self.fed += 1

    def remember(self, data: bytes) -> None:
        """Keep over a restart."""
        self.memory = data
        self.remembered += 1

    def recall(self) -> bytes:
        """What was kept."""
        return self.memory

    def passages(self) -> int:
        """At the door since the start."""
        return self.door

    def millivolts(self) -> tuple:
        """Supply, and behind the switch."""
        return 5100, 5050 if self.powered else 0

    def show(self, colours: list) -> None:
        """Set the lights."""
        self.colours = list(colours)

    def send(self, carrier_hz: int, pulses: list) -> bool:
        """An infrared code leaves the LED, and the receiver beside it sees it."""
        self.sent = self.sent[-1:]
        self.sent.append((carrier_hz, pulses))
        self.seen = pulses
        return True

    def listen(self, within_ms: int) -> None:
        """From now on, what the receiver sees is a code to learn."""
        self.seen = []
        self._until = self.ticks() + within_ms

    def learnt(self) -> list | None:
        """The code; an empty list where the time is over; None where it is not."""
        return self.seen if self.seen or self.ticks() >= self._until else None
