"""The TV is switched on in time, taken where that may be, and given back as it was found: random TVs, random people."""

from __future__ import annotations

from collections import deque

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from estation_box.simulated.cec_television import OTHERS, OURS, Habits, SimulatedCecTelevision
from estation_box.television import rules
from estation_box.television.none import NoTelevision, NoWire
from estation_box.television.rules import Claim, Event, Order, Phase, Power
from estation_box.television.service import TendedTelevision
from estation_wire.values import Tv

HABITS = st.builds(
    Habits, warms=st.floats(0.5, 40), dozes=st.floats(0, 8), wakes=st.booleans(), tells_power=st.booleans(),
    takes=st.booleans(), goes=st.booleans(), says=st.booleans(),
)  # fmt: skip
DOINGS = st.lists(
    st.tuples(
        st.integers(0, 30), st.sampled_from(["claim", "hand", "urgent", "free", "power", "input", "key", "button"])
    ),
    max_size=40,
)


class Room:
    """A box at a TV, second by second; what is heard of the TV waits on a queue as in core."""

    def __init__(
        self, habits: Habits | None = None, *, firm: bool = True, power: Power = Power.OFF, shows: int = OTHERS
    ):
        self.up = 0.0
        self.heard: deque = deque()
        self.tv = SimulatedCecTelevision(self.heard.append, habits)
        self.tv.power, self.tv.input = power, shows
        self.box = TendedTelevision()
        self.box.provisioned(self.tv, firm=firm)
        self.claim: Claim | None = None
        self.run(2)

    def run(self, seconds: float) -> None:
        for _ in range(int(seconds)):
            self.up += 1.0
            self.tv.pass_to(self.up)
            self.deliver()
            self.box.tend(self.claim, self.up)
            self.deliver()

    def deliver(self) -> None:
        while self.heard:
            self.box.heard(self.heard.popleft(), self.up)

    def orders(self) -> list[Order]:
        return [order for order in self.tv.asked if order is not Order.ASK]

    def session(self, seconds: float = 60.0, claim: Claim = Claim.AUTOMATIC) -> None:
        self.claim = claim
        self.run(rules.WAKE_BEFORE_SECONDS + seconds)
        self.claim = None
        self.run(rules.LINGER_SECONDS + 5)


def test_a_tv_that_was_off_shows_the_film_and_is_off_again_afterwards():
    room = Room()
    room.claim = Claim.AUTOMATIC
    room.run(rules.WAKE_BEFORE_SECONDS)
    assert (room.tv.power, room.tv.input, room.box.evidence()) == (Power.ON, OURS, Tv.ON)
    room.claim = None
    room.run(rules.LINGER_SECONDS - 5)
    assert room.tv.power is Power.ON  # a keeper may want more
    room.run(10)
    assert room.tv.power is Power.OFF
    assert room.orders() == [Order.WAKE, Order.TAKE, Order.STANDBY]


@pytest.mark.parametrize("warms", [3.0, 30.0])
def test_a_tv_that_says_standby_for_seconds_after_it_was_woken_is_asked_for_our_picture_once_more(warms):
    """What it did not hear before it was on is said again when it is, and people are known to see us."""
    room = Room(Habits(warms=warms, dozes=5.0))
    room.claim = Claim.BY_HAND
    room.run(warms + 15.0)
    assert (room.tv.power, room.tv.input, room.box.evidence()) == (Power.ON, OURS, Tv.ON)
    assert room.orders() == [Order.WAKE, Order.TAKE, Order.TAKE]


def test_a_tv_on_which_another_source_was_watched_gets_that_source_back():
    room = Room(power=Power.ON)
    room.tv.remote_input()
    room.tv.remote_input()  # it tells that it shows another
    room.run(1)
    room.session()
    assert (room.tv.power, room.tv.input) == (Power.ON, OTHERS)
    assert room.orders() == [Order.WAKE, Order.TAKE, Order.RELEASE]


def test_a_tv_that_shows_us_already_is_asked_for_nothing():
    room = Room(power=Power.ON)
    room.tv.remote_input()
    room.run(2)
    room.session()
    assert room.orders() == []


def test_a_tv_that_somebody_has_switched_on_without_a_word_is_not_switched_off_afterwards():
    """What the TV said a minute ago is not believed: it is asked before it is touched."""
    room = Room(Habits(says=False))
    room.run(30)
    room.tv.remote_power()
    room.session()
    assert room.tv.power is Power.ON
    assert Order.STANDBY not in room.tv.asked


def test_a_tv_that_does_not_answer_is_woken_within_three_seconds_and_never_switched_off():
    room = Room(Habits(tells_power=False))
    room.claim = Claim.AUTOMATIC
    room.run(rules.ANSWER_SECONDS + 2)
    assert room.orders() == [Order.WAKE, Order.TAKE]
    room.claim = None
    room.run(60)
    assert Order.STANDBY not in room.tv.asked


@pytest.mark.parametrize("hand", ["key", "remote_power", "button"])
def test_a_tv_that_somebody_touched_since_is_left_as_it_is(hand):
    """Whoever uses the remote is there: the TV is not switched off under their eyes."""
    room = Room()
    room.claim = Claim.AUTOMATIC
    room.run(30)
    if hand == "key":
        room.tv.key(0x01)
    elif hand == "button":
        room.box.touched()
    else:
        room.tv.remote_power()
        room.run(5)
        room.tv.remote_power()
    room.run(5)
    room.claim = None
    room.run(60)
    assert room.tv.power is Power.ON
    assert Order.STANDBY not in room.tv.asked


def test_a_polite_site_asks_nothing_of_a_tv_unless_somebody_on_the_spot_or_an_emergency_does():
    room = Room(firm=False)
    room.session()
    assert room.orders() == []
    assert room.box.expected() is Tv.OFF
    room.session(claim=Claim.BY_HAND)
    assert room.orders() == [Order.WAKE, Order.TAKE, Order.STANDBY]
    room.session(claim=Claim.EMERGENCY)
    assert room.orders() == [Order.WAKE, Order.TAKE, Order.STANDBY] * 2


def test_a_tv_that_cannot_be_woken_is_known_to_be_off_until_it_comes_on():
    """Its first session is played anyway; no make-up is wasted on a TV that stays dark."""
    room = Room(Habits(wakes=False))
    assert room.box.expected() is Tv.UNKNOWN
    room.claim = Claim.AUTOMATIC
    room.run(10)
    assert room.box.evidence() is Tv.UNKNOWN  # it has its time
    room.run(30)
    assert room.box.evidence() is Tv.OFF
    room.claim = None
    room.run(60)
    assert room.box.expected() is Tv.OFF
    room.tv.remote_power()
    room.run(2)
    assert room.box.expected() is not Tv.OFF
    assert Order.STANDBY not in room.tv.asked


def test_what_was_told_long_ago_is_not_known_any_more():
    room = Room(power=Power.ON)
    room.tv.remote_input()
    room.run(1)
    assert room.box.evidence() is Tv.ON
    room.box.provisioned(NoWire(), firm=True)  # the cable is pulled
    room.run(rules.FRESH_SECONDS + 2)
    assert room.box.evidence() is Tv.UNKNOWN


def test_a_muted_tv_is_noticed():
    room = Room(power=Power.ON)
    room.tv._say(0x50, 0x7A, 0x80 | 20)
    room.run(1)
    assert room.box.silent()
    room.tv._say(0x50, 0x7A, 20)
    room.run(1)
    assert not room.box.silent()


def test_without_a_tv_nothing_is_claimed_and_nothing_hinders():
    none = NoTelevision()
    assert (none.evidence(), none.expected(), none.in_use(), none.silent()) == (Tv.UNKNOWN, Tv.UNKNOWN, False, False)
    box = TendedTelevision()
    for up in range(200):
        box.tend(Claim.AUTOMATIC if up % 50 < 30 else None, float(up))
        assert (box.evidence(), box.expected(), box.in_use()) == (Tv.UNKNOWN, Tv.UNKNOWN, False)


def test_what_is_not_in_the_table_means_nothing():
    known = set(rules._NEXT)
    for phase in Phase:
        for event in Event:
            assert (rules.follow(phase, event) is not None) is ((phase, event) in known)


@settings(max_examples=300, deadline=None)
@given(habits=HABITS, firm=st.booleans(), power=st.sampled_from([Power.ON, Power.OFF]), doings=DOINGS)
def test_whatever_people_and_tvs_do_no_tv_is_taken_or_switched_off_that_should_not_be(habits, firm, power, doings):
    room = Room(habits, firm=firm, power=power)
    claims = {"claim": Claim.AUTOMATIC, "hand": Claim.BY_HAND, "urgent": Claim.EMERGENCY, "free": None}
    on_before, hands, seen, claimed = power is Power.ON, False, 0, {Claim.AUTOMATIC}
    for seconds, doing in doings:
        if doing in claims:
            if room.claim is None and room.box._holding.phase is Phase.LEFT:
                on_before, hands = room.tv.power in {Power.ON, Power.COMING}, False
            room.claim = claims[doing]
            claimed.add(room.claim) if room.claim else None
        else:
            act = {"power": room.tv.remote_power, "input": room.tv.remote_input, "button": room.box.touched}
            act.get(doing, lambda: room.tv.key(0x01))()
            hands = (
                hands or doing == "button" or (doing == "key" and room.tv.power is Power.ON and room.tv.input == OURS)
            )
        room.deliver()  # what the TV told is heard before the box is judged by it
        room.run(seconds)
        new, seen = room.tv.asked[seen:], len(room.tv.asked)
        if Order.STANDBY in new:
            assert not on_before, "a TV that was on before us was switched off"
            assert not hands or room.claim is not None, "a TV was switched off under somebody's eyes"
        if not firm and claimed == {Claim.AUTOMATIC}:
            assert not set(new) & {Order.WAKE, Order.TAKE, Order.STANDBY}, "a polite site took a TV"
        if room.box.evidence() is Tv.ON and habits.takes and habits.tells_power:
            assert room.tv.power in {Power.ON, Power.COMING}
            assert room.tv.input == OURS
