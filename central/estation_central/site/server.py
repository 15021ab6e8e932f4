"""Serves the pages with gunicorn: one process of eight threads beside the one that watches it."""

from __future__ import annotations

import os
import sys
from typing import Any, Final

import django
from gunicorn.app.base import BaseApplication

from estation_central import telling

THREADS: Final = 8  # a page takes some ten milliseconds; more threads would only wait for the database
PROXY: Final = "127.0.0.1"  # outside a demonstration a reverse proxy on this machine ends HTTPS
LOCAL: Final = frozenset({"127.0.0.1", "::1", "localhost"})
LEAVE_SECONDS: Final = 5  # for a page that is under way when the server is stopped


class NotLocalError(OSError):
    """A demonstration needs no login and must therefore stay on this machine."""


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn carries no types
    """Gunicorn with settings of our own: nothing is read from its files or environment."""

    def __init__(self, application: Any, settings: dict[str, Any]) -> None:
        self._application = application
        self._settings = settings
        super().__init__()

    def load_config(self) -> None:
        """Take the settings that were given."""
        for name, value in self._settings.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """The application that was given."""
        return self._application


def serve(address: str, port: int, *, demo: bool) -> None:
    """Serve until SIGTERM or SIGINT; ``port`` 0 takes a free one. Prints the address. Raises `OSError`."""
    if demo and address not in LOCAL:
        msg = f"a demonstration has no login and cannot be served on {address}: use 127.0.0.1"
        raise NotLocalError(msg)
    django.setup()
    from estation_central.site.wsgi import application  # noqa: PLC0415 (it sets Django up when it is imported)

    settings = {
        "bind": f"[{address}]:{port}" if ":" in address else f"{address}:{port}",
        "workers": 1,
        "worker_class": "gthread",
        "threads": THREADS,
        "graceful_timeout": LEAVE_SECONDS,
        "forwarded_allow_ips": "" if demo else PROXY,
        "control_socket_disable": True,
        "loglevel": "warning",
        "logconfig_dict": telling.configure(os.environ),
        "when_ready": _ready,
    }
    Server(application, settings).run()


def _ready(arbiter: Any) -> None:
    host, port = arbiter.LISTENERS[0].sock.getsockname()[:2]
    sys.stdout.write(f"pages: http://{host}:{port}/\n")
    sys.stdout.flush()
