"""Serves the call with gunicorn over TLS, with the certificate of the private authority that profiles pin."""

from __future__ import annotations

import ssl
import sys
import time
from collections.abc import Callable
from typing import Any, ClassVar, Final

import django

from estation_central.authority.folder import SERVER, Authority
from estation_central.broker import lists
from estation_central.settings import CentreSettings
from estation_central.site.server import LEAVE_SECONDS, Server

THREADS: Final = 16  # a signature takes a millisecond; what is slow is a box's modem
MOST_CONNECTIONS: Final = 1000
HEADERS: Final = 20
SLOW_SECONDS: Final = 10.0  # without a byte
LONGEST_SECONDS: Final = 20.0  # for the whole of a call's 2 kB, the handshake included: 2G takes two


def serve(settings: CentreSettings, address: str, port: int) -> None:
    """Serve until SIGTERM or SIGINT; ``port`` 0 takes a free one. Prints the address. Raises `OSError`."""
    django.setup()
    from estation_central.enrolment.application import PATH, Enrolment  # noqa: PLC0415 (models want Django set up)

    authority = Authority(settings.authority)
    certificate, key = authority.pair(SERVER)

    def listed() -> None:
        lists.write(settings, authority)

    listed()  # a certificate that was given just before we were stopped stands in no list yet

    def ready(arbiter: Any) -> None:
        host, own = arbiter.LISTENERS[0].sock.getsockname()[:2]
        sys.stdout.write(f"enrolment: https://{host}:{own}{PATH}\n")
        sys.stdout.flush()

    words = {
        "bind": f"[{address}]:{port}" if ":" in address else f"{address}:{port}",
        "workers": 1,
        "worker_class": "gthread",
        "threads": THREADS,
        "worker_connections": MOST_CONNECTIONS,
        "keepalive": 0,
        "limit_request_fields": HEADERS,
        "graceful_timeout": LEAVE_SECONDS,
        "forwarded_allow_ips": "",
        "control_socket_disable": True,
        "loglevel": "warning",
        "certfile": str(certificate),
        "keyfile": str(key),
        "ssl_context": _tls,
        "when_ready": ready,
    }
    Server(Enrolment(authority, lists.Soon(listed)), words).run()


class Impatient(ssl.SSLSocket):
    """A connection that holds no thread for ever: gunicorn makes its sockets blocking without a limit.

    Neither one that is silent nor one that gives a byte now and then: ``ends`` is the monotonic instant (seconds) after
    which nothing more is read from it, set at the first reading.
    """

    longest: ClassVar[float] = LONGEST_SECONDS
    ends: float | None = None

    def setblocking(self, flag: bool) -> None:  # noqa: FBT001 (the signature is Python's)
        """Wait for `SLOW_SECONDS` at most, where it may wait at all."""
        self.settimeout(None if flag else 0.0)

    def settimeout(self, value: float | None) -> None:
        """Put `SLOW_SECONDS` in the place of for ever."""
        super().settimeout(SLOW_SECONDS if value is None else value)

    def recv(self, buflen: int = 1024, flags: int = 0) -> bytes:
        """Read what has come; raises `TimeoutError` once the whole has taken too long."""
        now = time.monotonic()
        self.ends = self.ends or now + self.longest
        if now >= self.ends:
            raise TimeoutError
        if self.gettimeout() != 0.0:
            super().settimeout(min(SLOW_SECONDS, self.ends - now))
        return super().recv(buflen, flags)


def _tls(_config: Any, made: Callable[[], ssl.SSLContext]) -> ssl.SSLContext:
    context = made()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.sslsocket_class = Impatient
    return context
