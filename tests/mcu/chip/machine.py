"""A chip for `board.py` on MicroPython's unix port: pins, serial line and watchdog that behave, by the clock of `time`.

What is wired: the infrared LED shines into the receiver, which is low while it sees a carrier; both voltages follow the
power switch; the serial line is a terminal. `chip` is this chip, for the test's program. Not the RP2040: what its
registers, interrupts and timing do is not known from here.
"""

import sys
import time

WDT_RESET = 3
PWRON_RESET = 1
FULL_MV = 6600  # 3.3 V at the ADC behind a divider by two


class Chip:
    """``levels`` and ``handlers`` by pin; ``shone``: when the LED was lit and put out, in microseconds."""

    def __init__(self):
        self.levels = {}
        self.handlers = {}
        self.modes = {}
        self.shone = []
        self.pixels = {}
        self.fed = []
        self.line = None  # whatever carries bytes: it has `write`
        self.port = None  # the serial port that is open
        self.cause = PWRON_RESET
        self.carrier = None
        self.wires = {}  # from a pin to the pin that sees the opposite of it

    def drive(self, pin, level):
        """Somebody, or something, gives a pin this level; its interrupt is served at once."""
        before = self.levels.get(pin, 1)
        self.levels[pin] = level
        handler, trigger = self.handlers.get(pin, (None, 0))
        if handler and before != level and trigger & (Pin.IRQ_RISING if level else Pin.IRQ_FALLING):
            handler(pin)
        if pin in self.wires:
            self.drive(self.wires[pin], 1 - level)


chip = Chip()


class Pin:
    IN, OUT, PULL_UP = 0, 1, 1
    IRQ_FALLING, IRQ_RISING = 4, 8

    def __init__(self, number, mode=-1, pull=-1, *, value=None):
        assert 0 <= number < 30, "the RP2040 has 30 pins"
        self.number = number
        self.init(mode, pull, value=value)

    def init(self, mode=-1, pull=-1, *, value=None):
        if mode != -1:
            chip.modes[self.number] = mode
        if value is not None:
            chip.drive(self.number, value)

    def value(self, level=None):
        if level is None:
            return chip.levels.get(self.number, 1)
        assert chip.modes[self.number] == self.OUT, "an input is not driven"
        chip.drive(self.number, level)
        return None

    def irq(self, handler=None, trigger=IRQ_FALLING | IRQ_RISING, *, hard=False):
        chip.handlers[self.number] = (handler, trigger)


class PWM:
    def __init__(self, pin, *, freq, duty_u16):
        self.number = pin.number
        self.freq(freq)
        self.duty_u16(duty_u16)

    def freq(self, hertz):
        assert 8 <= hertz <= 62_500_000, "the RP2040 cannot count so"
        chip.carrier = hertz

    def duty_u16(self, duty):
        lit = 1 if duty else 0
        if chip.levels.get(self.number) != lit:
            chip.shone.append(time.ticks_us())
            chip.drive(self.number, lit)


class ADC:
    def __init__(self, number):
        assert number in {26, 27, 28}, "the RP2040 measures at GP26 to GP28"
        self._number = number

    def read_u16(self):
        cut = chip.levels.get(2, 0)  # the switch lifts the Pi's half
        return (0 if cut and self._number == 27 else 5100) * 65_535 // FULL_MV


class WDT:
    def __init__(self, *, timeout):
        assert timeout <= 8388, "more than the RP2040 can count"
        self._timeout = timeout
        self.feed()

    def feed(self):
        now = time.ticks_ms()
        if chip.fed and time.ticks_diff(now, chip.fed[-1]) > self._timeout:
            sys.exit("the watchdog started the chip anew")
        chip.fed = [now]


class UART:
    """The port of `chip.line`. Given back it hears nothing; what is more than its buffer is lost, as on the chip."""

    def __init__(self, number, baud, *, tx, rx, timeout, timeout_char, rxbuf, txbuf):
        assert (number, tx.number, rx.number) == (0, 0, 1), "UART0 is at GP0 and GP1"
        assert timeout == timeout_char == 0, "a read would wait"
        assert chip.port is None, "it is open already"
        chip.port = self
        self._room = rxbuf
        self._held = b""

    def hear(self, data):
        self._held = (self._held + data)[: self._room]

    def any(self):
        return len(self._held)

    def read(self, count):
        assert count <= len(self._held), "the port would wait for what is not there"
        data, self._held = self._held[:count], self._held[count:]
        return data

    def write(self, data):
        assert chip.port is self, "it is not open"
        return chip.line.write(data)

    def flush(self):
        assert chip.port is self, "it is not open"

    def deinit(self):
        chip.port = None


class _Registers:
    def __getitem__(self, address):
        assert address == 0x4006_4008, "no other register is read"
        return 1 << 16 if chip.cause == "run" else 1 << 8


mem32 = _Registers()


def reset_cause():
    return chip.cause


def bitstream(pin, encoding, timing, data):
    """What micropython-lib's `neopixel` calls."""
    chip.pixels[pin.number] = bytes(data)
