"""The carrier board as the Pico sees it: the only module that imports `machine`. It translates and decides nothing.

What a `Board` does is told in `simulated.Board`, its twin for tests. Pins are those of `pins.py`.
"""

import os
from array import array
from time import sleep_us, ticks_diff, ticks_ms, ticks_us

from machine import ADC, PWM, UART, WDT, WDT_RESET, Pin, mem32, reset_cause
from neopixel import NeoPixel

from estation_mcu import pins
from estation_wire.infrared import LONGEST_US, MAX_PULSES
from estation_wire.supervisor_words import CAUSE_PI, CAUSE_POWER, CAUSE_WATCHDOG

BAUD = 115_200
WATCHDOG_MS = 8388  # the most that the RP2040 can count
KEPT = "kept.bin"
CHIP_RESET, HAD_RUN = 0x4006_4008, 1 << 16  # RP2040 data sheet, 2.12.8: the RUN pin was pulled low
PASSAGE_MS = 300  # nobody passes a door twice in so short a time
QUIET_US = 40_000  # no code of a television has a space so long; after it the code is over
SENSE_MV = 6600  # 3.3 V at the ADC behind a divider by two


class Board:
    """The real one. Power is on from the first line: its pin is low before anything else is set up."""

    def __init__(self) -> None:
        self._cut = Pin(pins.POWER_CUT, Pin.OUT, value=0)
        self._on = True  # as it was told; what the pin reads is not asked, since a short may hold it
        self._uart = _uart()
        self._watchdog = WDT(timeout=WATCHDOG_MS)
        self._supply, self._pi = ADC(pins.SUPPLY_SENSE), ADC(pins.PI_SENSE)
        self._neopixels = NeoPixel(Pin(pins.NEOPIXEL), 2)
        self._led = PWM(Pin(pins.IR_SEND), freq=38_000, duty_u16=0)
        self._passages = 0
        self._passed_at = ticks_ms()
        Pin(pins.BEAM, Pin.IN, Pin.PULL_UP).irq(self._passage, Pin.IRQ_FALLING)
        self._edges = array("H", [0] * (MAX_PULSES + 1))
        self._seen = 0
        self._edge_at = self._until = 0
        self._receiver = Pin(pins.IR_RECEIVE, Pin.IN)
        self.cause = _cause()
        self.ticks = ticks_ms

    def power(self, *, on: bool) -> None:
        """Work the switch. While the Pi is cut, its serial line gets no current from here."""
        if on:
            self._cut.value(0)
            if not self._on:
                self._uart = _uart()
        elif self._on:
            try:  # noqa: SIM105 -- MicroPython has no contextlib
                self._uart.flush()
            except OSError:  # the last word did not leave in time: no reason to spare the cut
                pass
            self._uart.deinit()
            Pin(pins.UART_TO_PI, Pin.IN)
            self._cut.value(1)
        self._on = on

    def read(self) -> bytes:
        """What is there; never waits (`read` of this port asks again for what is missing)."""
        count = self._uart.any() if self._on else 0
        return (self._uart.read(count) or b"") if count else b""

    def write(self, data: bytes) -> None:
        """Into the buffer of the serial line; what finds no room in it is lost."""
        if self._on:
            self._uart.write(data)

    def feed(self) -> None:
        """The watchdog is fed."""
        self._watchdog.feed()

    def remember(self, data: bytes) -> None:
        """Keep over a restart: written beside, then put in its place. A flash that fails is no reason to stop."""
        try:
            with open(KEPT + ".new", "wb") as file:
                file.write(data)
            os.rename(KEPT + ".new", KEPT)
        except OSError:
            return

    def recall(self) -> bytes:
        """What was kept; nothing where there is nothing."""
        try:
            with open(KEPT, "rb") as file:
                return file.read(64)
        except OSError:
            return b""

    def passages(self) -> int:
        """At the door since the start."""
        return self._passages

    def _passage(self, _) -> None:
        now = ticks_ms()
        if ticks_diff(now, self._passed_at) > PASSAGE_MS:
            self._passages = self._passages + 1 & 0xFFFFFFFF
        self._passed_at = now

    def millivolts(self) -> tuple:
        """Supply, and behind the switch."""
        return self._supply.read_u16() * SENSE_MV >> 16, self._pi.read_u16() * SENSE_MV >> 16

    def show(self, colours: list) -> None:
        """Set the lights."""
        for place, colour in enumerate(colours):
            self._neopixels[place] = colour
        self._neopixels.write()

    def send(self, carrier_hz: int, pulses: list) -> bool:
        """An infrared code leaves the LED. Each edge is timed from the first, so that errors do not add up."""
        self._led.freq(carrier_hz)
        at = ticks_us()
        for place, length in enumerate(pulses):
            self._led.duty_u16(0 if place & 1 else 21_845)  # a third: more light from the same mean current
            at += length
            sleep_us(max(ticks_diff(at, ticks_us()), 0))
        self._led.duty_u16(0)
        return True

    def listen(self, within_ms: int) -> None:
        """From now on, what the receiver sees is a code to learn."""
        self._seen = 0
        self._until = ticks_ms() + within_ms
        self._receiver.irq(self._edge, Pin.IRQ_FALLING | Pin.IRQ_RISING, hard=True)

    def _edge(self, _) -> None:
        """In the interrupt: nothing may be allocated here."""
        now = ticks_us()
        if self._seen and self._seen <= MAX_PULSES:
            self._edges[self._seen - 1] = min(ticks_diff(now, self._edge_at), LONGEST_US)
        self._edge_at = now
        self._seen += 1

    def learnt(self) -> list | None:
        """The code, once the receiver is quiet; an empty list where the time is over; None where it is not."""
        quiet = self._seen > 1 and ticks_diff(ticks_us(), self._edge_at) > QUIET_US
        if not quiet and ticks_diff(self._until, ticks_ms()) > 0:
            return None
        self._receiver.irq(None)
        return list(self._edges[: min(self._seen - 1, MAX_PULSES + 1)]) if quiet else []


def _uart() -> UART:
    return UART(
        0, BAUD, tx=Pin(pins.UART_TO_PI), rx=Pin(pins.UART_TO_MCU), timeout=0, timeout_char=0, rxbuf=1024, txbuf=1024
    )


def _cause() -> int:
    if reset_cause() == WDT_RESET:
        return CAUSE_WATCHDOG
    return CAUSE_PI if mem32[CHIP_RESET] & HAD_RUN else CAUSE_POWER
