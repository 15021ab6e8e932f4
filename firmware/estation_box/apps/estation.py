"""The `estation` command: asks the running box what it is doing, and why. For a technician with a shell."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import Final

import msgspec

from estation_box import settings
from estation_box.apps import hw_test
from estation_box.drivers.unix_socket import SocketError, ask_once
from estation_box.library.sync_words import Ask

WITHIN_SECONDS: Final = 5.0  # core answers within one turn of its loop, 1 s at most


def main(arguments: Sequence[str] | None = None) -> int:
    """``estation status``, ``why``, ``press short|long``, ``key KEY``, ``set-clock INSTANT``.

    0 with the answer as JSON, else 1. ``hw-test`` tries the carrier board; see `hw_test.run`.
    """
    parser = argparse.ArgumentParser(prog="estation", description=__doc__)
    parser.add_argument(
        "question",
        choices=("status", "why", "press", "key", "set-clock", "hw-test"),
        help="what plays and what is healthy; the reasons; the button; a key of the remote; the clock by hand; "
        "try the carrier board",
    )
    parser.add_argument(
        "word",
        nargs="?",
        default="",
        help="press: short or long; key: up, ok, 5, pause and so on; set-clock: 2026-11-25T10:30:00+08:00",
    )
    asked = parser.parse_args(arguments)
    if asked.question == "hw-test":  # asks nobody's core: it holds the lines itself
        return hw_test.main()
    try:
        folders = settings.folders(os.environ)
        line = ask_once(
            folders.core_socket, msgspec.json.encode(Ask(question=asked.question, word=asked.word)), WITHIN_SECONDS
        )
    except (settings.SettingsError, SocketError) as error:
        print(f"estation: {error}", file=sys.stderr)
        return 1
    print(msgspec.json.format(line, indent=2).decode())
    return 0


if __name__ == "__main__":
    sys.exit(main())
