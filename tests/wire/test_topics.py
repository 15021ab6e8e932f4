"""Topics: who speaks where."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estation_wire import topics
from estation_wire.errors import MalformedError, WireError
from estation_wire.topics import Leaf, Topic
from estation_wire.values import REGION_PATTERN, STATION_PATTERN
from tests.support.wire_values import steady


@steady
@given(st.from_regex(REGION_PATTERN), st.from_regex(STATION_PATTERN), st.sampled_from(Leaf))
def test_a_topic_is_read_as_it_was_written(region, station, leaf):
    """No station's message is booked for another."""
    text = str(Topic(region, station, leaf))
    assert topics.parse(text) == Topic(region, station, leaf)
    assert len(text.encode()) <= 78 < topics.MAX_TOPIC_BYTES


@pytest.mark.parametrize(
    "text",
    [
        "",
        "estation",
        "estation/v1/653101/hall-0007",
        "estation/v1/653101/hall-0007/events/more",
        "estation/v2/653101/hall-0007/events",
        "other/v1/653101/hall-0007/events",
        "/estation/v1/653101/hall-0007/events",
        "estation/v1/65310/hall-0007/events",
        "estation/v1/65310x/hall-0007/events",
        "estation/v1/٦٥٣١٠١/hall-0007/events",
        "estation/v1/653101/Hall-0007/events",
        "estation/v1/653101/-hall/events",
        "estation/v1/653101/hall-0007\n/events",
        "estation/v1/653101/+/events",
        "estation/v1/653101/hall-0007/#",
        "estation/v1/653101/hall-0007/Events",
        "estation/v1/653101/hall-0007/",
        "estation/v1/653101/" + "h" * 49 + "/events",
        "estation/v1/653101/" + "h" * 100_000 + "/events",
    ],
)
def test_anything_else_is_no_topic_of_ours(text):
    """A stray message is refused in a short sentence, however long its topic is."""
    with pytest.raises(MalformedError) as refusal:
        topics.parse(text)
    assert len(str(refusal.value)) < 200


@steady
@given(st.text(max_size=150))
def test_no_text_at_all_breaks_the_reader(text):
    """Whatever stands in a topic, the answer is a topic or a refusal."""
    try:
        topics.parse(text)
    except WireError:
        return
    assert text.startswith(topics.ROOT)


def test_a_centre_listens_to_one_kind_of_message():
    """A county's monitor hears its own branch, the prefecture all."""
    assert topics.listen(Leaf.EVENTS) == "estation/v1/+/+/events"
    assert topics.listen(Leaf.EVENTS, "653101") == "estation/v1/653101/+/events"


def test_only_state_is_retained_and_only_health_may_be_lost():
    """What counts for a hall is never sent in a way that may be lost."""
    assert {Leaf.STATUS, Leaf.HEALTH} == topics.RETAINED
    assert [leaf for leaf, qos in topics.QOS.items() if qos == 0] == [Leaf.HEALTH]
