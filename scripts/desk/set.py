"""The desk's TV set: it comes on slowly, shows the box or something else, and speaks CEC by a stand-in for `cec-ctl`.

The stand-in (``bin/cec-ctl``) connects to a socket that stands where ``/dev/cec0`` would, sends its options as one line
of JSON, and prints what comes back: the words of v4l-utils around the bytes of the bus.
"""

from __future__ import annotations

import contextlib
import json
import queue
import socketserver
import threading
import time
from pathlib import Path
from typing import Any, Final, Self

from estation_box.simulated.cec_television import OURS, Habits, SimulatedCecTelevision
from estation_box.television.rules import Order, Power

PROGRAMS: Final = Path(__file__).parent / "bin"
WARMS_SECONDS: Final = 3.0  # a quick set: who practises shall see it come on, and not wait for it
TICK_SECONDS: Final = 0.2
ASKED_BYTES: Final = 4096
MAX_BEHIND: Final = 100  # messages that a listener has not taken yet
PLACE: Final = "Event: State Change: PA: 1.0.0.0, LA mask: 0x0010, Conn Info: yes\n"
SENT: Final = "\nTransmit from Playback Device 1 to TV (4 to 0):\n"
UNHEARD: Final = "\tSequence: 7 Tx Timestamp: 12.345s\n\tTx, Not Acknowledged (4), Max Retries\n"
_ORDERS: Final = {
    "--image-view-on": Order.WAKE,
    "--standby": Order.STANDBY,
    "--active-source": Order.TAKE,
    "--inactive-source": Order.RELEASE,
    "--give-device-power-status": Order.ASK,
}


class DeskSet(SimulatedCecTelevision):
    """A set that somebody left on, showing the box. ``with`` opens its socket; its methods may be called anywhere."""

    def __init__(self, folder: Path) -> None:
        super().__init__(lambda _: None, Habits(warms=WARMS_SECONDS))
        folder.mkdir(parents=True, exist_ok=True)
        self.device = folder / "cec0"
        self.power, self.input = Power.ON, OURS
        self._lock = threading.RLock()
        self._listeners: list[queue.Queue[str]] = []
        self._over = threading.Event()
        self._said: list[str] = []

    def __enter__(self) -> Self:
        self.device.unlink(missing_ok=True)
        self._server = _Server(str(self.device), self)
        for work in (self._server.serve_forever, self._warm):
            threading.Thread(target=work, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._server.shutdown()
        self._server.server_close()
        self.device.unlink(missing_ok=True)

    def state(self) -> dict[str, Any]:
        """How it is: its power, and whether it shows the box."""
        with self._lock:
            return {"power": self.power.value, "ours": self.input == OURS}

    def press(self, key: str) -> None:
        """Somebody presses ``power`` or ``source`` on its own remote."""
        with self._lock:
            if key == "power":
                self.remote_power()
            else:
                self.remote_input()

    def says(self, message: bytes) -> None:
        """See `SimulatedCecTelevision.says`: as cec-ctl writes it, to whoever listens."""
        raw = " ".join(f"0x{each:02x}" for each in message)
        words = (
            f"Received from TV ({message[0] >> 4} to {message[0] & 15}): MESSAGE (0x{message[1]:02x})\n\tRaw: {raw} \n"
        )
        self._said.append(words)
        for listener in self._listeners:
            with contextlib.suppress(queue.Full):
                listener.put_nowait(words)

    def obeys(self, options: list[str]) -> str:
        """What cec-ctl writes of one call."""
        order = next((_ORDERS[each] for each in options if each in _ORDERS), None)
        with self._lock:
            self._said.clear()
            if order is not None:
                self.send(order)
            answer = "".join(self._said) if order is Order.ASK else ""
        return SENT + answer + ("" if order is not None or "--playback" in options else UNHEARD)

    @contextlib.contextmanager
    def listening(self) -> Any:
        """What it says from now on."""
        heard: queue.Queue[str] = queue.Queue(MAX_BEHIND)
        with self._lock:
            self._listeners.append(heard)
        try:
            yield heard
        finally:
            with self._lock:
                self._listeners.remove(heard)

    def _warm(self) -> None:
        while not self._over.wait(TICK_SECONDS):
            with self._lock:
                self.pass_to(time.monotonic())


class _Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, path: str, tv: DeskSet) -> None:
        self.tv = tv
        super().__init__(path, _Call)


class _Call(socketserver.StreamRequestHandler):
    """One call of cec-ctl: an order and its answer, or a listener until it goes."""

    server: _Server

    def handle(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            options = json.loads(self.rfile.readline(ASKED_BYTES))
            if "--wait-for-msgs" in options:
                self._listen()
            else:
                self.wfile.write(self.server.tv.obeys(options).encode())

    def _listen(self) -> None:
        with self.server.tv.listening() as heard:
            self.wfile.write(f"Initial {PLACE}".encode())
            while True:
                with contextlib.suppress(queue.Empty):
                    self.wfile.write(heard.get(timeout=1.0).encode())
                    continue
                self.wfile.write(b"\n")  # whoever has gone is noticed
