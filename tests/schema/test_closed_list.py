"""The contract counts and never watches: each of its fields is known here, and none names or tells apart a viewer."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

SCHEMAS = Path(__file__).parents[2] / "mqtt_schema" / "v1"
PERSONAL = """
    viewer person people user keeper teacher pupil student child phone email mail face photo voice gender sex age
    birth ethnic nation mac imei imsi advert cookie device finger wechat openid address visitor watcher who
"""
KNOWN = """
    access after apn at attachment attendance audience authority began begin boot bulletin bulletins by bytes_per_second
    calendar card_worn_percent card_written_bytes catalogue centre closed command completed content contents contract
    countdown_seconds counting counts credit csr days detail disk_free_bytes do document end ends enrolment epoch event
    every_minutes expires fault firmware first form fps has hash health_seconds hidden host hottest_celsius id
    infrared_on issued items journal journals keyid keys kind kinds language languages last length lessons library
    licence link loudness_lufs make_up make_ups_a_day manner media_type met metered minimum modem name network
    next_session nonce not_after number online opening origin outcome own_session part passphrase payload payloadType
    place planned playing playlist playlists port position poster priority programme proxy quiet quieter reason reasons
    recalled records refused region regions resets rest_minutes resumed retire role rotate rule rules rung safe seconds
    seq series session sessions shown sig signatures signed site size source ssid station stops subtitles take taken
    temperature_celsius terms texts time times timezone title titles token topic topics township tracks trades trust tv
    tv_on undelivered until up uptime url usb use v valid_from valid_until version versions wakes was watermark
    websocket_port week what why wifi windows
"""
"""Every field of every message and record. Who adds one asks first whom it could tell apart, and adds it here."""


def fields(value: object) -> Iterator[str]:
    """Every property's name in a schema, wherever it stands."""
    if isinstance(value, dict):
        properties = value.get("properties")
        if isinstance(properties, dict):
            yield from properties
        for each in value.values():
            yield from fields(each)
    elif isinstance(value, list):
        for each in value:
            yield from fields(each)


def names() -> set[str]:
    found: set[str] = set()
    for path in SCHEMAS.rglob("*.json"):
        found |= set(fields(json.loads(path.read_text(encoding="utf-8"))))
    return found


def test_every_field_of_the_contract_was_looked_at():
    assert names() == set(KNOWN.split())


def test_no_field_names_a_viewer_or_tells_one_from_another():
    personal = set(PERSONAL.split())
    assert {name for name in KNOWN.split() if personal & set(re.split(r"[_-]", name.lower()))} == set()


def test_a_field_that_would_is_found():
    """The reading of the schemas finds what is planted deep inside."""
    planted = {"$defs": {"Deep": {"anyOf": [{"properties": {"viewer_name": {"type": "string"}}}]}}}
    assert set(fields(planted)) == {"viewer_name"}
