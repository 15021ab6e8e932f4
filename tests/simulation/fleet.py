"""A fleet of simulated boxes over real connections, TLS with a certificate each, from one machine.

Seeded: which box has what behind it, whose clock is wrong by how much, when whose power or line is cut, for how long.
A process holds at most `PROCESS_BOXES` connections (a process may have 20,000 files open here); a larger fleet has more
processes.
"""

from __future__ import annotations

import asyncio
import random
import ssl
import tempfile
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import Final, NamedTuple

from cryptography.hazmat.primitives import serialization

from estation_central.authority.certificates import Pair, issue_client
from estation_central.authority.folder import Authority
from estation_wire.values import Trust
from tests.simulation.fleet_box import Box, Counted, Life, Plan

PROCESS_BOXES: Final = 15_000
AT_ONCE: Final = 200  # connections that are being made at the same moment
COUNTIES: Final = ("653101", "653121", "653122", "653123", "653124", "653125")
SPREAD_SECONDS: Final = 300.0  # over which boxes come back, as the contract wants
SOON_SECONDS: Final = 1.0  # a box whose broker went calls again
CONNECT_SECONDS: Final = 120.0


class Broker(NamedTuple):
    """Where a fleet connects, and the certificate of whoever signed the broker's; of a cluster, each node's port."""

    host: str
    ports: tuple[int, ...]
    authority: Path


class Manner(NamedTuple):
    """How a fleet behaves. Mean values; 0 is never."""

    backlog: int = 140
    health_every: float = 300.0
    session_every: float = 0.0
    cut_every: float = 0.0
    dark: float = 60.0
    outage_every: float = 0.0
    outage: float = 600.0
    wrong_clocks: float = 0.05
    """The share of boxes whose clock is a guess, hours or years off."""


def plans(count: int, seed: int, manner: Manner) -> list[Plan]:
    """Who is in the fleet; the same seed gives the same fleet."""
    chance = random.Random(seed)
    made = []
    for number in range(count):
        wrong = chance.random() < manner.wrong_clocks
        offset = chance.choice((-1, 1)) * chance.uniform(3600, 10**7) if wrong else chance.gauss(0, 0.5)
        plan = Plan(
            region=COUNTIES[number % len(COUNTIES)],
            station=f"sim-{number:06}",
            backlog=manner.backlog,
            offset=offset,
            trust=Trust.GUESS if wrong else Trust.NETWORK,
            cut_every=manner.cut_every,
            dark=manner.dark,
            outage_every=manner.outage_every,
            outage=manner.outage,
            seed=chance.getrandbits(48),
        )
        made.append(plan)
    return made


class Break(StrEnum):
    """What takes a box's connection: in the one case it is dark, in the other it lives on."""

    POWER = "power"
    LINE = "line"


def breaks(plan: Plan, kind: Break) -> Iterator[tuple[float, float]]:
    """Seconds until the next break of a kind and how long it is, for ever; the same seed gives the same ones."""
    every, mean = (plan.cut_every, plan.dark) if kind is Break.POWER else (plan.outage_every, plan.outage)
    chance = random.Random(f"{plan.seed} {kind}")
    while every:
        yield chance.expovariate(1 / every), chance.expovariate(1 / mean)


def context(broker: Broker, authority: Pair, account: str, folder: Path) -> ssl.SSLContext:
    """What a box needs to call: its own key and certificate. The file that OpenSSL wants is there for a moment only."""
    pair = issue_client(authority, account)
    key = pair.key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.load_verify_locations(str(broker.authority))
    with tempfile.NamedTemporaryFile(dir=folder) as file:
        file.write(pair.certificate.public_bytes(serialization.Encoding.PEM) + key)
        file.flush()
        made.load_cert_chain(file.name)
    return made


class Fleet:
    """The boxes of one process."""

    def __init__(self, broker: Broker, authority: Pair, members: Sequence[Plan], manner: Manner, seed: int) -> None:
        self._broker, self._authority, self._manner = broker, authority, manner
        self._chance = random.Random(seed)
        self._gate = asyncio.Semaphore(AT_ONCE)
        self._tasks: set[asyncio.Task[None]] = set()
        self._folder = Path(tempfile.mkdtemp(prefix="estation-fleet-"))
        self._stopping = self._calm = False
        self.counted = Counted()
        self.lives = [Life(plan, self.counted, self._gone) for plan in members]
        self._contexts: dict[str, ssl.SSLContext] = {}

    async def connect(self, *, spread: float = 0.0) -> None:
        """Let all come in, over ``spread`` seconds."""
        await asyncio.gather(*(self._come(life, self._chance.uniform(0, spread)) for life in self.lives))

    async def _come(self, life: Life, wait: float) -> None:
        await asyncio.sleep(wait)
        while life.box is None and not self._stopping:
            async with self._gate:
                with suppress(OSError, asyncio.TimeoutError):
                    await asyncio.wait_for(self._call(life), CONNECT_SECONDS)
            if life.box is None:
                await asyncio.sleep(self._chance.uniform(0.5, 2.0))

    async def _call(self, life: Life) -> None:
        loop, account = asyncio.get_running_loop(), life.plan.account
        if account not in self._contexts:
            self._contexts[account] = context(self._broker, self._authority, account, self._folder)
        _, box = await loop.create_connection(
            lambda: Box(life), self._broker.host, life.chance.choice(self._broker.ports), ssl=self._contexts[account]
        )
        await box.settled.wait()

    def greet(self) -> None:
        """All say hello, and send what they have."""
        for life in self.lives:
            life.greet()

    def live(self) -> None:
        """From now on they speak of their health, show sessions, and lose their power now and then."""
        for life in self.lives:
            self._start(self._regularly(life, self._manner.health_every, life.health))
            if self._manner.session_every:
                self._start(self._now_and_then(life, self._manner.session_every, lambda life=life: life.write(8)))
            self._start(self._interrupted(life, Break.POWER))
            self._start(self._interrupted(life, Break.LINE))

    async def _regularly(self, life: Life, every: float, do: Callable[[], None]) -> None:
        await asyncio.sleep(life.chance.uniform(0, every))
        while True:
            do()
            await asyncio.sleep(every)

    async def _now_and_then(self, life: Life, every: float, do: Callable[[], None]) -> None:
        while True:
            await asyncio.sleep(life.chance.expovariate(1 / every))
            if self._calm:
                return
            do()

    async def _interrupted(self, life: Life, kind: Break) -> None:
        for gap, length in breaks(life.plan, kind):
            await asyncio.sleep(gap)
            if self._calm:
                return
            if life.box is not None:  # who is away already cannot be missed
                life.away, life.dark = length, kind is Break.POWER
                self.counted.cuts += life.dark
                self.counted.outages += not life.dark
                life.box.close(cut=True)

    def _gone(self, life: Life) -> None:
        """It comes back when its power or its line does, and not at the same moment as all the others."""
        if not self._stopping:
            self._start(self._come_back(life, life.away or SOON_SECONDS))
            life.away = 0.0

    async def _come_back(self, life: Life, wait: float) -> None:
        await asyncio.sleep(wait)
        if life.dark:
            life.start()
        await self._come(life, 0.0)
        life.greet()

    def calm(self) -> None:
        """From now on no more is cut off, and nothing more happens; who is away still comes back."""
        self._calm = True

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    @property
    def done(self) -> bool:
        """Whether the centre has everything that every box holds."""
        return all(life.watermark >= life.held for life in self.lives)

    async def leave(self) -> None:
        """All go home in order."""
        self._stopping = True
        for task in tuple(self._tasks):
            task.cancel()
        for life in self.lives:
            if life.box is not None:
                life.box.close()
        await asyncio.sleep(0.1)
        self._folder.rmdir()


def signer(state: Path) -> Pair:
    """The authority in a centre's state folder: a simulated box gets its certificate from it, as a real one does."""
    return Authority(state / "authority")._load()
