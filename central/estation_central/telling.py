"""The log: a line of JSON for each thing said, so that a journal or a collector of logs need not guess.

::

    {"at":"2026-11-29T12:00:00.123456Z","level":"warning","name":"estation.collector","said":"database: …"}
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

LONGEST: Final = 4000  # characters of what is said, and of a traceback: a hostile message must not fill the disk
TEXT: Final = "%(asctime)s %(name)s: %(message)s"


class JsonLines(logging.Formatter):
    """One line of JSON a record. ``extra={"facts": {…}}`` stands beside the text."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        facts: Mapping[str, Any] = getattr(record, "facts", {})
        line = {
            "at": datetime.fromtimestamp(record.created, UTC),
            "level": record.levelname.lower(),
            "name": record.name,
            "said": record.getMessage()[:LONGEST],
            **facts,
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)[-LONGEST:]
        return msgspec.json.encode(line, enc_hook=str).decode()


def configure(words: Mapping[str, str]) -> dict[str, Any]:
    """How everything in this process is logged: by ``ESTATION_CENTRE_LOG``, ``text`` (default) or ``json``."""
    form = {"()": JsonLines} if words.get("ESTATION_CENTRE_LOG") == "json" else {"format": TEXT}
    quiet = {"level": "WARNING"}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"form": form},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "form"}},
        "root": {"level": "INFO", "handlers": ["stderr"]},
        "loggers": {
            "gunicorn.error": quiet | {"propagate": True, "handlers": []},
            "gunicorn.access": quiet | {"propagate": False, "handlers": []},
            "django.request": {"level": "ERROR"},  # the site's own line says of each request what became of it
        },
    }
