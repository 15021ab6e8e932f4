"""``make desk``: one box on one page of this machine: its TV picture, remote, button, light, sticks and power plug.

The centre of `make run` stands behind it; everything is made anew at each start. Ctrl-C stops everything.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import threading
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Final

from scripts.demo import films
from scripts.demo.box import Box
from scripts.demo.centre import Centre
from scripts.demo.processes import Children, DemoError
from scripts.demo.run import FOLDER, say, stop_by_signal, write_stick
from scripts.demo.screen import screen
from scripts.desk.box import PluggedBox
from scripts.desk.desk import Desk
from scripts.desk.page import listen
from scripts.desk.picture import Television
from scripts.desk.set import DeskSet
from scripts.desk.table import PROGRAMME, Table

RUN: Final = Path("build/desk")
START_IN: Final = timedelta(minutes=3)  # long enough to look around and put the stick in


def main() -> int:
    """Open the desk until Ctrl-C; 1 with a plain reason where it cannot be opened."""
    parser = argparse.ArgumentParser(prog="make desk", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="the page's port; one that is free where none is said")
    parser.add_argument("--quiet", action="store_true", help="open no browser")
    options = parser.parse_args()
    stop_by_signal()
    try:
        with desk(RUN) as (opened, television):
            server, address = listen(opened, television, options.port)
            print(f"\n  the desk              {address}\n  its sticks, its logs  {RUN}\n", flush=True)
            print("Ctrl-C stops everything.", flush=True)
            if not options.quiet and os.environ.get("DISPLAY"):
                threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
            with server:
                server.serve_forever()
    except DemoError as error:
        print(f"make desk: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nstopped")
    return 0


@contextmanager
def desk(run: Path) -> Iterator[tuple[Desk, Television]]:
    """A desk with a box that has its power and nothing else, and its television. Raises `DemoError`."""
    shutil.rmtree(run, ignore_errors=True)
    table = run / "table"
    table.mkdir(parents=True)
    source = films.make_films(FOLDER / "films", say)
    with screen(run / "screen", virtual=True) as shown, Children(run / "logs", {"PYTHONUNBUFFERED": "1"}) as children:
        say("the centre: authority, broker, collector, pages", 0.2)
        centre = Centre(children, run / "centre")
        centre.prepare()
        centre.start()
        say("the studio signs the library and writes the sticks", 0.6)
        write_stick(children, run, source, centre, table / PROGRAMME, start_in=START_IN)
        laid = Table(table, run / "box/slot")
        laid.lay_out()
        say("the box gets its power", 1.0)
        with children.log("box").open("a", encoding="utf-8") as log, DeskSet(run / "tv") as tv:
            Box(children, run / "box").prepare(run / "studio/root.json", virtual=True, heard=True, cec=tv.device)
            with PluggedBox(run / "box", shown.display, log) as box:
                yield Desk(box, laid, tv, centre, children), Television(picture_of(shown.picture))


def picture_of(frame_buffer: Path | None) -> Path:
    """Where the picture of a virtual screen lies. Raises `DemoError`."""
    if frame_buffer is None:
        msg = "the virtual screen has no frame buffer"
        raise DemoError(msg)
    return frame_buffer


if __name__ == "__main__":
    os.chdir(Path(__file__).resolve().parents[2])
    sys.exit(main())
