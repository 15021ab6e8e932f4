"""The firmware whole, `main` and all, in an emulated RP2040: `in_emulator.py UF2`, by the Python that has rp2040py.

Time is the emulator's. An order is a line on its standard input: `hear HEX` is for the serial line, at its speed;
`run MS`; `door` is somebody who passes; `hang` has the program stand still for good; `reset` is the Pi's line to the
chip's RUN. What happens meanwhile is printed: `POWER 1|0 MS FUNCTION` (of the pin that speaks to the Pi), `RESET MS`
where the watchdog starts the chip anew, `LIGHTS rgb rgb`, and last `SAID HEX`.

The port's transmit interrupt is ours: rp2040py 0.3.6 raises it again in the moment in which it is cleared, so that
MicroPython's handler never ends. Here it is raised by what is sent.
"""

import sys
from pathlib import Path

from rp2040py.device.bootrom import BOOTROM_B1
from rp2040py.device.load_flash import load_uf2
from rp2040py.execute_batch import execute_batch
from rp2040py.external.ws2812 import Ws2812
from rp2040py.gpio_pin import GPIOPinState
from rp2040py.irq import IRQ
from rp2040py.memory_map import FLASH_START_ADDRESS
from rp2040py.peripherals.dma import DREQChannel
from rp2040py.peripherals.uart import RPUART, UARTDR, UARTTXINTR, IUARTDMAChannels
from rp2040py.peripherals.vreg_and_chip_reset import HAD_RUN
from rp2040py.simulator import Simulator
from rp2040py.utils.logging import ConsoleLogger, LogLevel

from estation_mcu import pins

UART0 = 0x40034
BYTE_NS = 10 * 1_000_000_000 // 115_200
CARRIER_GONE_NS = 40_000  # one and a half periods at 38 kHz
HALF_OF_FIVE_VOLTS = 2.5 / 3.3 * 4095
NO_INTERRUPTS = 0xE000_E180
STANDSTILL = 0xFF_FFF0  # a place in the flash that nobody uses
FOR_EVER = b"\x30\xbf\xfd\xe7"  # wfi, and back to it


class Uart(RPUART):
    def check_interrupts(self):
        self.rp2040.set_interrupt(self.irq, bool(self._interrupt_status & self._interrupt_mask))

    def write_uint32(self, offset, value):
        super().write_uint32(offset, value)
        if offset == UARTDR:
            self._interrupt_status |= UARTTXINTR
            self.check_interrupts()


class Pico:
    def __init__(self, image):
        self.simulator = Simulator()
        self.chip = self.simulator.rp2040
        self.chip.logger = ConsoleLogger(LogLevel.ERROR)
        self.chip.load_bootrom(BOOTROM_B1)
        load_uf2(image, self.chip)
        self.clock = self.chip.clock
        self.said = bytearray()
        self._wire_up()
        self.chip.leave_reset()

    def _wire_up(self):
        chip = self.chip
        channels = IUARTDMAChannels(rx=DREQChannel.DREQ_UART0_RX, tx=DREQChannel.DREQ_UART0_TX)
        self.uart = chip.uart[0] = chip.peripherals[UART0] = Uart(chip, "UART0", IRQ.UART0, channels)
        self.uart.on_byte = self.said.append
        self._coming = bytearray()
        self._byte = self.clock.create_alarm(self._bring)
        self._over = self.clock.create_alarm(self.simulator.stop)
        self._dark = self.clock.create_alarm(lambda: self._see(carrier=False))
        self._seeing = True
        self._see(carrier=False)
        chip.gpio[pins.BEAM].set_input_value(True)
        chip.gpio[pins.IR_SEND].add_listener(self._shines)
        chip.gpio[pins.POWER_CUT].add_listener(lambda *_: self._switched())
        self._powered = None
        chip.watchdog.on_watchdog_trigger = self._starved
        Ws2812(pins.NEOPIXEL, on_pixels=lambda seen: print("LIGHTS", *(bytes(one).hex() for one in seen))).attach(chip)
        self._switched()

    def ms(self):
        return round(self.clock.nanos / 1e6)

    def _switched(self):
        """A switch that fails on: only a pin that is driven high lifts it."""
        powered = self.chip.gpio[pins.POWER_CUT].value != GPIOPinState.HIGH
        self.chip.adc.channel_values[0] = HALF_OF_FIVE_VOLTS
        self.chip.adc.channel_values[1] = HALF_OF_FIVE_VOLTS if powered else 0
        if powered != self._powered:
            self._powered = powered
            print("POWER", int(powered), self.ms(), self.chip.gpio[pins.UART_TO_PI].function_select)

    def _starved(self):
        print("RESET", self.ms())
        self.chip.enter_reset(from_watchdog=True)
        self._switched()
        self.chip.leave_reset()

    def reset(self):
        self.chip.enter_reset()
        self.chip.watchdog.reset()
        self.chip.vreg_and_chip_reset.record_reset_cause(HAD_RUN)
        self._switched()
        self.chip.leave_reset()

    def hang(self):
        self.chip.flash[STANDSTILL : STANDSTILL + len(FOR_EVER)] = FOR_EVER
        self.chip.write_uint32(NO_INTERRUPTS, 0xFFFF_FFFF)
        self.chip.core.pc = FLASH_START_ADDRESS + STANDSTILL

    def _shines(self, now, _before):
        if now == GPIOPinState.HIGH:
            self._see(carrier=True)
            self._dark.schedule(CARRIER_GONE_NS)

    def _see(self, *, carrier):
        """The receiver is low while it sees a carrier; to give a pin the level that it has is an edge there."""
        if carrier != self._seeing:
            self._seeing = carrier
            self.chip.gpio[pins.IR_RECEIVE].set_input_value(not carrier)

    def hear(self, data):
        self._coming += data
        self._byte.schedule(BYTE_NS)

    def _bring(self):
        self.uart.feed_byte(self._coming.pop(0))
        if self._coming:
            self._byte.schedule(BYTE_NS)

    def door(self):
        for level in (False, True, False, True):  # an arm, and the sleeve after it
            self.chip.gpio[pins.BEAM].set_input_value(level)
            self.run(20)

    def run(self, ms):
        self.simulator.stopped = False
        self._over.schedule(ms * 1_000_000)
        while not self.simulator.stopped:
            execute_batch(self.simulator, 1)


def main():
    pico = Pico(Path(sys.argv[1]))
    print("READY", flush=True)
    for line in sys.stdin:
        order, *given = line.split()
        if order == "run":
            pico.run(int(given[0]))
            print("SAID", pico.said.hex(), flush=True)
            pico.said.clear()
        elif order == "hear":
            pico.hear(bytes.fromhex(given[0]))
        else:
            {"door": pico.door, "hang": pico.hang, "reset": pico.reset}[order]()


main()
