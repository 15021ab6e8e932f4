"""``make run``: the whole product on this machine, from an editor's folder of films to the centre's page.

A stick is written, put in, pulled, taken to the office and put in again, as a technician would; the first session
starts seconds later. Ctrl-C stops everything. ``--once`` ends when the session is acknowledged by the centre.
"""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, NoReturn
from zoneinfo import ZoneInfo

from scripts.demo import films
from scripts.demo.box import Box, write_profile
from scripts.demo.centre import REGION, STATION, TIMEZONE, Centre
from scripts.demo.processes import Children, DemoError
from scripts.demo.screen import Screen, screen

FOLDER: Final = Path("build/demo")
START_IN: Final = timedelta(seconds=40)  # the box needs about 20 s from power to its certificate on two busy cores
ONCE_SECONDS: Final = 150.0
PAGE_SECONDS: Final = 15.0  # the pages read the latest health, the picture comes with a reply of its own


def main() -> int:
    """Run the demo; 0 when it ended as wanted, 1 with a plain reason when not."""
    parser = argparse.ArgumentParser(prog="make run", description=__doc__)
    parser.add_argument("--once", action="store_true", help="end when the first session is acknowledged")
    once = parser.parse_args().once
    stop_by_signal()
    run = FOLDER / "run"
    shutil.rmtree(run, ignore_errors=True)
    run.mkdir(parents=True)
    try:
        source = films.make_films(FOLDER / "films", say)
        with screen(run / "screen") as shown, Children(run / "logs", {"PYTHONUNBUFFERED": "1"}) as children:
            centre = demonstrate(children, run, source, shown)
            tell(centre, shown, run)
            return wait_once(centre, children) if once else wait_for_ever(children)
    except DemoError as error:
        print(f"make run: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nstopped")
        return 1 if once else 0


def demonstrate(children: Children, run: Path, source: Path, shown: Screen) -> Centre:
    """Everything up to a box that is connected and waits for its session."""
    say("the centre: authority, broker, collector, pages", 0.1)
    centre = Centre(children, run / "centre")
    centre.prepare()
    centre.start()
    say("the studio signs the library and writes a stick", 0.4)
    held = run / "stick-in-hand"
    box = Box(children, run / "box")
    write_stick(children, run, source, centre, held)
    box.prepare(run / "studio/root.json", virtual=shown.picture is not None)
    say("the box gets its power, and the stick", 0.6)
    box.start(shown.display)
    box.put_in(held)
    box.wait_receipt("receipt.html")
    say("the stick goes to the office: the centre signs the box's request", 0.8)
    box.pull(held)
    centre.command("sign-requests", str(held))
    box.put_in(held)
    box.wait_certificate()
    say("the box has its certificate and calls the centre", 1.0)
    return centre


def write_stick(
    children: Children, run: Path, source: Path, centre: Centre, held: Path, *, start_in: timedelta = START_IN
) -> None:
    """Publish the films with a weekly session that starts in a moment, and write everything on a stick."""
    studio, profile = run / "studio", run / "profile.toml"
    start = (datetime.now(ZoneInfo(TIMEZONE)) + start_in).replace(microsecond=0, tzinfo=None)
    films.write_library(source, start=start, timezone=TIMEZONE)
    command = [sys.executable, "-m", "studio.command"]
    write_profile(profile, centre)
    held.mkdir()
    children.once("studio-init", [*command, "init", studio], 60)
    children.once("studio-publish", [*command, "publish", studio, source], 120)
    children.once("studio-profile", [*command, "profile", studio, profile], 60)
    signed = studio / "profiles" / f"{STATION}.json"
    children.once("studio-stick", [*command, "stick", studio, held, "--profile", signed], 120)


def tell(centre: Centre, shown: Screen, run: Path) -> None:
    """What a person can look at now."""
    where = "on your screen" if shown.picture is None else f"on a virtual screen ({shown.display})"
    print(
        f"""
  the box plays {where}; its first session begins within {START_IN.seconds} s of the stick's making
  the centre's page     http://127.0.0.1:{centre.ports.page}/
  its messages          {paste(centre)}
  the stick, the logs   {run}
""",
        flush=True,
    )


def wait_once(centre: Centre, children: Children) -> int:
    """Wait until the centre has the session and says that the week is met."""
    try:
        centre.command("wait-session", "--station", STATION, "--timeout", str(ONCE_SECONDS), timeout=ONCE_SECONDS + 30)
    finally:
        print(children.log("central-wait-session").read_text(encoding="utf-8", errors="replace").strip(), flush=True)
    children.check()
    prove(centre)
    return 0


def prove(centre: Centre) -> None:
    """What a person was promised: the pasted line shows a message at once, the page shows the week and its picture."""
    line = paste(centre)
    heard = subprocess.run([*shlex.split(line), "-C", "1", "-W", "10"], capture_output=True, text=True, check=False)
    if heard.returncode or not heard.stdout:
        msg = f"no message came at once by: {line}"
        raise DemoError(msg)
    address = f"http://127.0.0.1:{centre.ports.page}/stations/{STATION}/"
    ends = time.monotonic() + PAGE_SECONDS
    while True:
        with urllib.request.urlopen(address, timeout=10) as answer:
            page = answer.read().decode()
        if "本周达标" in page and "/pictures/" in page:
            print(f"{address} shows the week, met, with its picture", flush=True)
            return
        if time.monotonic() >= ends:
            msg = f"{address} does not show the week with its picture"
            raise DemoError(msg)
        time.sleep(0.5)


def paste(centre: Centre) -> str:
    """The line that shows the messages by paste."""
    return f"mosquitto_sub -h 127.0.0.1 -p {centre.ports.plain} -v -t 'estation/v1/{REGION}/#'"


def wait_for_ever(children: Children) -> NoReturn:
    """Until Ctrl-C, or until something ends that should not."""
    print("Ctrl-C stops everything.", flush=True)
    while True:
        children.check()
        time.sleep(1.0)


def say(words: str, fraction: float) -> None:
    """One line of progress: on a terminal it stays one line."""
    stays = sys.stdout.isatty() and fraction < 1
    print(
        f"\r\033[K{fraction:4.0%} {words}" if stays else f"{fraction:4.0%} {words}",
        end="" if stays else "\n",
        flush=True,
    )


def stop_by_signal() -> None:
    """Let Ctrl-C and TERM end the program in order, as `KeyboardInterrupt`."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    os.chdir(Path(__file__).resolve().parents[2])
    sys.exit(main())
