"""Serves the pages with waitress."""

from __future__ import annotations

import signal
import sys
from typing import Final

import django
from waitress.server import create_server  # type: ignore[import-untyped]  # waitress carries no types

THREADS: Final = 8  # a page takes some ten milliseconds; more threads would only wait for the database
PROXY: Final = "127.0.0.1"  # outside a demonstration a reverse proxy on this machine ends HTTPS
LOCAL: Final = frozenset({"127.0.0.1", "::1", "localhost"})


class NotLocalError(OSError):
    """A demonstration needs no login and must therefore stay on this machine."""


def serve(address: str, port: int, *, demo: bool) -> None:
    """Serve until SIGTERM or SIGINT; ``port`` 0 takes a free one. Prints the address. Raises `OSError`."""
    if demo and address not in LOCAL:
        msg = f"a demonstration has no login and cannot be served on {address}: use 127.0.0.1"
        raise NotLocalError(msg)
    django.setup()
    from estation_central.site.wsgi import application  # noqa: PLC0415 (it sets Django up when it is imported)

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    proxy = {} if demo else {"trusted_proxy": PROXY, "trusted_proxy_headers": {"x-forwarded-proto", "x-forwarded-for"}}
    server = create_server(application, host=address, port=port, threads=THREADS, ident="E-Station", **proxy)
    sys.stdout.write(f"pages: http://{address}:{server.effective_port}/\n")
    sys.stdout.flush()
    server.run()
