"""Several brokers, a collector beside each: what is said to a station goes through the broker that it listens at."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from estation_central.collector.interfaces import Store
from estation_central.collector.service import Collector
from estation_wire import codec
from estation_wire.messages import JournalState, Picture
from tests.support.centre import JOURNAL, NOW, MemoryLink, hello

STATE = JournalState(journal=JOURNAL, first=1, last=0, watermark=0)
COMMAND = "INSERT INTO command (id, station, session, body, not_before, expires, outcome, reason) VALUES "


def test_a_command_is_left_to_the_collector_of_its_region(store: Store, query: Callable) -> None:
    """A collector that cannot reach the station neither says it into the void nor ticks it off as said."""
    links = {regions: MemoryLink() for regions in (("653101",), ("653102", "653103"), ())}
    collectors = {regions: Collector(store, link, regions) for regions, link in links.items()}
    west, south = links[("653101",)], links[("653102", "653103")]
    for name, region, link in (("hall-0001", "653101", west), ("hall-0002", "653103", south)):
        link.arrivals.append(hello(STATE, station=name, region=region))
    for collector in collectors.values():
        collector.turn(NOW, 10.0)

    def order(number: int, station: str) -> str:
        command = Picture(v=1, id=f"{number:032}", issued=NOW, expires=NOW + timedelta(seconds=100))
        values = (command.id, station, "", codec.encode(command).decode(), NOW, command.expires, "", "")
        query(f"{COMMAND} ({', '.join(['%s'] * len(values))})", *values)
        return command.id

    first, second = order(1, "hall-0001"), order(2, "hall-0002")
    for regions in (("653101",), ("653102", "653103")):
        collectors[regions].turn(NOW + timedelta(seconds=3), 13.0)
    assert said(west) == [("653101", "hall-0001", first)]
    assert said(south) == [("653103", "hall-0002", second)]
    third = order(3, "hall-0002")
    collectors[()].turn(NOW + timedelta(seconds=3), 13.0)
    assert said(links[()]) == [("653103", "hall-0002", third)]


def said(link: MemoryLink) -> list[tuple[str, str, str]]:
    """The commands that went out."""
    return [(topic.region, topic.station, each.id) for topic, each in link.published if isinstance(each, Picture)]
