"""The real `estation-player` process on a virtual screen, and a hand to ask it things with."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

import msgspec

from estation_box.drivers.unix_socket import Joined, Left, Line, Link
from estation_box.playout.player_words import Answer, Entry, Phase, Prepare, Request, Rest, Start, State, decode_telling

ROOT = Path(__file__).parents[2]
PATIENCE = 20.0


class PlayerProcess:
    """One player with folders of its own under ``folder``; ``started`` and ``ready`` are monotonic seconds."""

    def __init__(
        self,
        folder: Path,
        display: str,
        output: str = "x11",
        extra: dict[str, str] | None = None,
        *,
        audio: str = "null",
        tv: str = "",
    ) -> None:
        """``tv``: lines of the section ``[tv]`` of `box.toml`."""
        for name in ("state", "runtime", "configuration"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        (folder / "configuration" / "box.toml").write_text(
            f'[video]\noutput = "{output}"\naudio = "{audio}"\n[tv]\n{tv}\n'
        )
        self.pictures = folder / "state" / "pictures"
        self.socket = folder / "runtime" / "player.sock"
        self._log = (folder / "player.log").open("ab")
        environment = {
            **os.environ,
            "DISPLAY": display,
            "PYTHONPATH": str(ROOT / "firmware"),
            "STATE_DIRECTORY": str(folder / "state"),
            "RUNTIME_DIRECTORY": str(folder / "runtime"),
            "CONFIGURATION_DIRECTORY": str(folder / "configuration"),
            **(extra or {}),
        }
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "estation_box.apps.player"],
            env=environment, stdout=self._log, stderr=self._log, cwd=folder,
        )  # fmt: skip
        self.core = Hand(self.socket)

    def close(self) -> None:
        self.core.close()
        self.process.send_signal(signal.SIGCONT)
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(5)
        self._log.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Hand:
    """Stands for core: asks, waits for the answer, and waits for a state."""

    def __init__(self, path: Path) -> None:
        self._heard: queue.Queue = queue.Queue()
        self._link = Link(path, self._heard.put)
        self._n = 0
        self.last: State | None = None
        self.answers: dict[int, Answer] = {}
        self.connected = False

    def send(self, request: type[Request], **fields) -> int:
        self._n += 1
        assert self._link.send(msgspec.json.encode(request(n=self._n, **fields))), "no connection to the player"
        return self._n

    def ask(self, request: type[Request], within: float = PATIENCE, **fields) -> Answer:
        number = self.send(request, **fields)
        end = time.monotonic() + within
        while number not in self.answers:
            self._take(end)
        return self.answers[number]

    def state(self, wanted: Callable[[State], bool] = lambda _: True, within: float = PATIENCE) -> State:
        """The first state told from now on that is as wanted."""
        end = time.monotonic() + within
        while True:
            told = self._take(end)
            if isinstance(told, State) and wanted(told):
                return told

    def prepare(self, *entries: Entry, session: str = "s") -> None:
        assert self.ask(Prepare, session=session, entries=entries).ok

    def play(self, *entries: Entry, session: str = "s") -> None:
        self.prepare(*entries, session=session)
        assert self.ask(Start, session=session).ok

    def ended(self, within: float = PATIENCE) -> State:
        return self.state(lambda state: state.phase is Phase.ENDED, within)

    def rest(self) -> None:
        assert self.ask(Rest).ok
        self.state(lambda state: state.phase is Phase.CARD)

    def await_connection(self, within: float = PATIENCE) -> None:
        end = time.monotonic() + within
        while not self.connected:
            self._take(end)

    def close(self) -> None:
        self._link.close()

    def _take(self, end: float) -> Answer | State | None:
        try:
            heard = self._heard.get(timeout=max(end - time.monotonic(), 0.001))
        except queue.Empty:
            msg = f"the player did not tell it in time; last state: {self.last}"
            raise AssertionError(msg) from None
        if isinstance(heard, Joined | Left):
            self.connected = isinstance(heard, Joined)
            return None
        assert isinstance(heard, Line)
        told = decode_telling(heard.line)
        if isinstance(told, Answer):
            self.answers[told.n] = told
        else:
            self.last = told
        return told


def video(path: Path, name: str = "0", seconds: float = 2.0, **fields) -> Entry:
    return Entry(id=name, path=str(path), kind="video", seconds=seconds, **fields)


def still(path: Path, name: str = "0", seconds: float = 2.0) -> Entry:
    return Entry(id=name, path=str(path), kind="still", seconds=seconds)
