"""What the centre says of itself: lines of JSON, figures of the collector; and how it is told of a post office."""

from __future__ import annotations

import io
import json
import logging
import logging.config
import urllib.request
from pathlib import Path

import pytest

from estation_central import settings
from estation_central.collector import metrics
from estation_central.collector.service import Counters
from estation_central.settings import CentreSettingsError, Mail
from estation_central.telling import LONGEST, JsonLines, configure
from tests.support.mosquitto import free_port


@pytest.fixture
def said() -> io.StringIO:
    """What a logger of its own says, as JSON."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    logger = logging.getLogger("estation.tried")
    logger.handlers, logger.propagate = [handler], False
    return stream


def test_each_thing_said_is_one_line_of_json(said: io.StringIO) -> None:
    """A line break in a message begins no line; facts stand beside the words; what is long is cut."""
    logger = logging.getLogger("estation.tried")
    logger.warning("two\nlines of %s", "一站", extra={"facts": {"page": "stations", "milliseconds": 7}})
    logger.warning("x" * (LONGEST + 1))
    try:
        _ = 1 / 0
    except ZeroDivisionError:
        logger.exception("it broke", extra={"facts": {"where": Path("somewhere")}})
    first, second, third = (json.loads(line) for line in said.getvalue().splitlines())
    assert first["said"] == "two\nlines of 一站"
    assert (first["level"], first["name"], first["page"], first["milliseconds"]) == (
        "warning",
        "estation.tried",
        "stations",
        7,
    )
    assert first["at"].endswith("Z")
    assert len(second["said"]) == LONGEST
    assert third["exception"].endswith("ZeroDivisionError: division by zero")
    assert third["where"] == "somewhere"


def test_how_it_is_said_is_chosen_by_the_environment() -> None:
    """Text for a person at a terminal, JSON where the units ask for it."""
    assert "format" in configure({})["formatters"]["form"]
    assert configure({"ESTATION_CENTRE_LOG": "json"})["formatters"]["form"] == {"()": JsonLines}


class Link:
    """A link that counts."""

    connected, dropped = True, 3


def test_the_collectors_figures() -> None:
    """As they are at the moment at which they are asked for."""
    counters, port = Counters(messages=7), free_port()
    metrics.serve(port, counters, Link())
    counters.stored = 41
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        told = answer.read().decode()
    for line in (
        "estation_collector_messages_total 7.0",
        "estation_collector_stored_total 41.0",
        "estation_collector_dropped_total 3.0",
        "estation_collector_connected 1.0",
    ):
        assert f"\n{line}\n" in told


@pytest.mark.parametrize(
    ("words", "mail"),
    [
        (
            "smtps://us%40er:p%3Aw@mail.example/?from=a@b.example",
            Mail(host="mail.example", port=465, sender="a@b.example", user="us@er", secret="p:w", wrapped=True),
        ),
        ("smtp://mail.example:26/?from=a@b.example", Mail(host="mail.example", port=26, sender="a@b.example")),
        ("smtp://localhost/?from=a@b.example", Mail(host="localhost", port=587, sender="a@b.example")),
    ],
)
def test_a_post_office(words: str, mail: Mail) -> None:
    """User and password as a URL has them; TLS always, but to this machine itself."""
    found = settings.read({"ESTATION_CENTRE_STATE": "/tmp", "ESTATION_CENTRE_MAIL": words}).mail
    assert found == mail
    assert found is not None
    assert found.plain == (mail.host == "localhost")


@pytest.mark.parametrize(
    "words",
    [
        "mail.example",
        "smtp://mail.example",
        "smtp://mail.example/?from=nobody",
        "http://mail.example/?from=a@b.example",
        "smtp:///?from=a@b.example",
        "smtp://mail.example:x/?from=a@b.example",
        "smtp://mail.example/?from=a@b.example&from=d@e.example",
    ],
)
def test_a_post_office_that_is_none(words: str) -> None:
    """It is said which words are wrong, and with them every other fault."""
    with pytest.raises(CentreSettingsError, match=r"STATE is not set.*MAIL is not smtps"):
        settings.read({"ESTATION_CENTRE_MAIL": words})
