"""One suite over both links: the one through a real mosquitto, and the simulated one. Both keep `Link`'s promises."""

from __future__ import annotations

import random
import signal

import pytest

from estation_box.reporting.interfaces import Arrived, Connected, Disconnected
from estation_box.simulated.link import SimulatedCentre, SimulatedLink
from estation_wire import codec
from estation_wire.messages import Ack, Hello, Identify
from estation_wire.topics import Leaf
from tests.journal.values import BOOT, START
from tests.reporting.test_mqtt import BRANCH, Box, Centre
from tests.reporting.world import IDENTITY
from tests.support.mosquitto import Mosquitto

HELLO = codec.encode(Hello(v=1, nonce="a" * 32, journals=(), at=START, trust="guess", boot=BOOT, up=1.0))
ORDER = Identify(v=1, id="1" * 32, issued=START, expires=START)


class Real:
    """The link through a mosquitto, and a centre that orders something whenever it hears a hello."""

    def __init__(self, folder):
        self.broker = Mosquitto(folder)
        self.broker.start()
        self.centre = Centre(self.broker)
        self.box = Box(self.broker)
        self.link = self.box.link

    def up(self):
        self.box.__enter__()
        self.box.next(Connected)

    def answered(self):
        assert self.centre.next(f"{BRANCH}/hello") == HELLO
        ack = Ack(v=1, time=START, journals=(), nonce="a" * 32)
        self.centre.client.publish(f"{BRANCH}/ack", codec.encode(ack), 1)
        self.centre.client.publish(f"{BRANCH}/command", codec.encode(ORDER), 1)
        return [self.box.next(Arrived), self.box.next(Arrived)]

    def down(self):
        self.broker.stop(signal.SIGKILL)
        self.box.next(Disconnected)

    def close(self):
        self.box.link.close()
        self.centre.__exit__()
        self.broker.stop()


class Simulated:
    """The simulated link and centre."""

    def __init__(self, _folder):
        self.centre = SimulatedCentre()
        self.centre.commands = [ORDER]
        self.link = SimulatedLink(IDENTITY, self.centre, random.Random(1))

    def up(self):
        assert self.link.connect() == Connected()

    def answered(self):
        taken = []
        self.link.carry(0.0, START, taken.append)
        return taken

    def down(self):
        assert isinstance(self.link.disconnect(), Disconnected)

    def close(self):
        """Nothing is open."""


@pytest.fixture(params=[Real, Simulated])
def way(request, tmp_path):
    made = request.param(tmp_path)
    yield made
    made.close()


def test_a_link_takes_words_only_while_it_is_up(way):
    hello = (f"{BRANCH}/hello", HELLO)
    assert not way.link.publish(*hello, qos=1, retain=False)
    way.up()
    assert way.link.publish(*hello, qos=1, retain=False)
    way.down()
    assert not way.link.publish(*hello, qos=1, retain=False)


def test_what_the_centre_answers_comes_back_in_order(way):
    way.up()
    way.link.publish(f"{BRANCH}/hello", HELLO, qos=1, retain=False)
    ack, order = way.answered()
    assert codec.decode_message(Leaf.ACK, ack.payload).nonce == "a" * 32
    assert (order.topic, codec.decode_message(Leaf.COMMAND, order.payload)) == (f"{BRANCH}/command", ORDER)
