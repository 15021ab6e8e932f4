"""HDMI-CEC through `cec-ctl` of v4l-utils, the kernel's own tool: one process that listens, and one for each order.

Two threads; both only put on core's queue. A bus that hangs costs one order its 3 s, and never the picture. The
listener is a follower of the bus, not its monitor: that would need a right over the machine's network.
"""

from __future__ import annotations

import contextlib
import logging
import queue
import subprocess
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final, Self

from estation_box.television.cec_words import MAX_LINE, NOWHERE, dotted, frame, place, sent, told
from estation_box.television.interfaces import PowerTold, SourceTold, Told
from estation_box.television.rules import ANSWER_SECONDS, Order, Power, Source

DEVICE: Final = Path("/dev/cec0")
PROGRAM: Final = "cec-ctl"
NAME: Final = "E-Station"  # as TVs show it in their list of sources: at most 14 letters
MAX_ORDERS: Final = 16  # waiting; a bus that is so far behind takes no more
AGAIN_SECONDS: Final = 10.0  # after the listener has ended: a plug was pulled, or the driver is not there yet
MAX_ANSWER_LINES: Final = 100
TV, SPEAKERS = "0", "5"
log = logging.getLogger(__name__)


class CecWire:
    """See `television.interfaces.Wire`. ``put`` is called in a thread and must not block."""

    def __init__(self, put: Callable[[Told], None], device: Path = DEVICE, program: str = PROGRAM) -> None:
        self._put = put
        self._device = device
        self._program = program
        self._own = NOWHERE
        self._orders: queue.Queue[Order | None] = queue.Queue(MAX_ORDERS)
        self._over = threading.Event()
        self._listener: subprocess.Popen[str] | None = None
        self._threads = [
            threading.Thread(target=self._listen, name="cec-listen", daemon=True),
            threading.Thread(target=self._work, name="cec-orders", daemon=True),
        ]

    def __enter__(self) -> Self:
        """Begin to listen."""
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Listen no more."""
        self._over.set()
        with contextlib.suppress(queue.Full):
            self._orders.put_nowait(None)
        if self._listener is not None:
            self._listener.kill()
        for thread in self._threads:
            thread.join(timeout=ANSWER_SECONDS + 1)

    def send(self, order: Order) -> bool:
        """See `Wire.send`."""
        try:
            self._orders.put_nowait(order)
        except queue.Full:
            return False
        return True

    def _work(self) -> None:
        while not self._over.is_set():
            order = self._orders.get()
            if order is not None and self._device.exists():
                self._follow(order)

    def _follow(self, order: Order) -> None:
        """Let one order out; what names our plug waits until there is one."""
        mine = f"phys-addr={dotted(self._own)}"
        here = self._own != NOWHERE
        if order is Order.WAKE:
            self._run("--to", TV, "--image-view-on")
        elif order is Order.STANDBY:
            self._run("--to", TV, "--standby")
        elif order is Order.ASK:
            self._run("--to", TV, "--give-device-power-status")
            self._run("--to", SPEAKERS, "--give-audio-status")
        elif order is Order.TAKE and here and self._run("--active-source", mine):
            self._put(SourceTold(Source.OURS))  # nobody answers it; who does not obey says so by another source
        elif order is Order.RELEASE and here and self._run("--to", TV, "--inactive-source", mine):
            self._put(SourceTold(Source.UNKNOWN))

    def _run(self, *words: str) -> bool:
        """One order, with what is answered to it. Whether it went out."""
        command = [self._program, "--device", str(self._device), "--skip-info", "--show-raw", *words]
        try:
            done = subprocess.run(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                timeout=ANSWER_SECONDS, check=False, encoding="utf-8", errors="replace",
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            log.info("the TV's wire did not take «%s» within %.0f s", words[-1], ANSWER_SECONDS)
            return False
        except OSError as error:
            log.warning("%s: %s", self._program, error)
            return False
        self._read(done.stdout.splitlines()[:MAX_ANSWER_LINES])
        return done.returncode == 0 and sent(done.stdout)

    def _listen(self) -> None:
        while not self._over.is_set():
            if self._device.exists():
                self._run("--playback", "--osd-name", NAME)  # our place on the bus; the kernel keeps it
                self._stay()
                self._lost()
            self._over.wait(AGAIN_SECONDS)

    def _stay(self) -> None:
        command = [self._program, "--device", str(self._device), "--skip-info", "--show-raw", "--wait-for-msgs"]
        try:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                encoding="utf-8", errors="replace",
            )  # fmt: skip
        except OSError as error:
            log.warning("%s: %s", self._program, error)
            return
        with process:
            self._listener = process
            output = process.stdout
            try:
                if output is not None and not self._over.is_set():
                    self._read(iter(lambda: output.readline(MAX_LINE), ""))
            finally:
                process.kill()

    def _read(self, lines: Iterable[str]) -> None:
        for line in lines:
            moved = place(line)
            if moved is not None and moved != self._own:
                self._own = moved
                self._lost()
            message = frame(line)
            heard = told(message, self._own) if message is not None else None
            if heard is not None:
                self._put(heard)

    def _lost(self) -> None:
        """Another plug, or none: what was known of the TV is known no more."""
        self._put(PowerTold(Power.UNKNOWN))
        self._put(SourceTold(Source.UNKNOWN))
