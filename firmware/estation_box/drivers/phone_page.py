"""The box's page on a phone: a small HTTP server that is there for ten minutes, for whoever has seen its address.

Every address begins with a token that is another each time; ``Host`` is checked; nothing is logged, kept or set as a
cookie, and who asks is never looked at. What comes is bounded in size, time and number.
"""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from estation_box.remote.phone import Asked, Question

if TYPE_CHECKING:
    from http.server import ThreadingHTTPServer

Ask = Callable[[Question, Asked | None], bytes | None]
STATIC: Final = Path(__file__).parent / "phone"
ELSEWHERE: Final = ("192.0.2.1", 9)  # RFC 5737: nobody. Nothing is sent; the kernel says by which address it would go
log = logging.getLogger(__name__)


class PhoneServer:
    """See `remote.phone.PhonePage`. ``ask`` is called in the server's threads, and may wait for core's answer."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._server: ThreadingHTTPServer | None = None
        self._thread: threading.Thread | None = None

    def open(self) -> str:
        """See `PhonePage.open`."""
        host = own_address()
        if not host:
            return ""
        from estation_box.drivers.phone_handler import serve  # noqa: PLC0415 - 5 MB, only while a phone is let in

        self.close()
        try:
            self._server, address = serve(host, self._ask, STATIC)
        except OSError as error:
            log.warning("the page for phones cannot be opened: %s", error)
            return ""
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.2,), name="phone", daemon=True)
        self._thread.start()
        return address

    def close(self) -> None:
        """See `PhonePage.close`."""
        server, thread, self._server, self._thread = self._server, self._thread, None, None
        if server is not None and thread is not None:
            server.shutdown()
            server.server_close()
            thread.join(1.0)


def own_address() -> str:
    """This machine's address in its network; empty where it is in none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(ELSEWHERE)
        except OSError:
            return ""
        return str(probe.getsockname()[0])
