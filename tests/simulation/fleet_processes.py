"""A fleet in as many processes as its connections need, told when to begin and asked how far it is."""

from __future__ import annotations

import asyncio
import multiprocessing
import resource
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final, Self

import msgspec
import uvloop

from tests.simulation import fleet
from tests.simulation.fleet import PROCESS_BOXES, Broker, Fleet, Manner
from tests.simulation.fleet_box import Counted, Plan

ASK_SECONDS: Final = 60.0  # a process that makes thousands of connections answers late


class Crowd:
    """A fleet over one broker or several: the boxes are dealt out to the brokers in turn."""

    def __init__(self, state: Path, brokers: Sequence[Broker], members: Sequence[Plan], manner: Manner) -> None:
        self._context = multiprocessing.get_context("spawn")
        self._lines: list[Connection] = []
        self._processes = []
        for number, broker in enumerate(brokers):
            own = members[number :: len(brokers)]
            shares = -(-len(own) // PROCESS_BOXES)
            for share in range(shares):
                line, theirs = self._context.Pipe()
                words = (theirs, state, broker, own[share::shares], manner, number * 100 + share)
                self._processes.append(self._context.Process(target=_work, args=words, daemon=True))
                self._lines.append(line)

    def __enter__(self) -> Self:
        """Start the processes."""
        for process in self._processes:
            process.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Let all go home."""
        for line in self._lines:
            line.send(("leave", 0.0))
        for process in self._processes:
            process.join(ASK_SECONDS)
            if process.is_alive():
                process.kill()

    def say(self, what: str, seconds: float = 0.0) -> None:
        """``connect`` (spread over ``seconds``), ``greet``, ``live``."""
        for line in self._lines:
            line.send((what, seconds))

    def counted(self) -> Counted:
        """What all of them have done so far."""
        self.say("count")
        sums = Counted()
        for line in self._lines:
            assert line.poll(ASK_SECONDS), "a process of the fleet does not answer"
            told = msgspec.json.decode(line.recv(), type=Counted)
            for name in Counted.__struct_fields__:
                setattr(sums, name, getattr(sums, name) + getattr(told, name))
        return sums

    def wait(self, what: str, count: int, seconds: float) -> float:
        """Wait until so much of ``what`` is counted; how long it took."""
        begun = time.monotonic()
        while (done := getattr(counted := self.counted(), what)) < count:
            assert time.monotonic() - begun < seconds, f"{done} of {count} {what} after {seconds} s: {counted}"
            time.sleep(0.1)
        return time.monotonic() - begun


def widen() -> None:
    """Let this process, and what it starts, have as many files open as the machine allows."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _work(line: Connection, state: Path, *words: Any) -> None:
    widen()
    uvloop.run(_serve(line, state, *words))


async def _serve(line: Connection, state: Path, *words: Any) -> None:
    boxes = Fleet(words[0], fleet.signer(state), *words[1:])
    loop, orders = asyncio.get_running_loop(), asyncio.Queue[tuple[str, float]]()
    loop.add_reader(line.fileno(), lambda: orders.put_nowait(line.recv()))
    coming = set()
    while True:
        what, seconds = await orders.get()
        if what == "connect":
            coming.add(asyncio.create_task(boxes.connect(spread=seconds)))
        elif what == "greet":
            boxes.greet()
        elif what == "live":
            boxes.live()
        elif what == "count":
            line.send(msgspec.json.encode(boxes.counted))
        else:
            loop.remove_reader(line.fileno())
            await boxes.leave()
            return
