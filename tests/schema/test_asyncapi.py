"""The AsyncAPI document names every channel as the code uses it.

The public parser was run over it once by hand; what is asserted here are the parts that its users rely on.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

from estation_wire.topics import FROM_BOX, QOS, RETAINED, ROOT, TO_BOX, Leaf, Topic, parse
from estation_wire.values import REGION_PATTERN, STATION_PATTERN
from tests.support import contract

DOCUMENT = json.loads((contract.FOLDER / "asyncapi.json").read_text())
REFERENCE = {"type": "object", "required": ["$ref"], "maxProperties": 1}
SHAPE = {
    "type": "object",
    "required": ["asyncapi", "info", "servers", "channels", "operations", "components"],
    "properties": {
        "asyncapi": {"const": "3.0.0"},
        "info": {"type": "object", "required": ["title", "version", "description", "license"]},
        "servers": {"additionalProperties": {"required": ["host", "protocol", "security", "bindings"]}},
        "channels": {
            "additionalProperties": {
                "required": ["address", "description", "messages", "parameters"],
                "properties": {
                    "messages": {"additionalProperties": REFERENCE, "minProperties": 1, "maxProperties": 1},
                    "parameters": {"additionalProperties": REFERENCE, "required": ["region", "station"]},
                },
            }
        },
        "operations": {
            "additionalProperties": {
                "required": ["action", "channel", "messages", "bindings"],
                "properties": {
                    "action": {"enum": ["send", "receive"]},
                    "channel": REFERENCE,
                    "messages": {"type": "array", "items": REFERENCE, "minItems": 1},
                },
            }
        },
        "components": {
            "properties": {
                "messages": {
                    "additionalProperties": {
                        "required": ["name", "payload", "contentType"],
                        "properties": {"payload": {"required": ["schemaFormat", "schema"]}},
                    }
                }
            }
        },
    },
}


def references(node: Any) -> Iterator[str]:
    """Every reference in the document."""
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"]
        for each in node.values():
            yield from references(each)
    elif isinstance(node, list):
        for each in node:
            yield from references(each)


def at(reference: str) -> Any:
    """What a reference inside the document names."""
    node = DOCUMENT
    for key in reference.removeprefix("#/").split("/"):
        node = node[key]
    return node


def operation(leaf: Leaf) -> dict[str, Any]:
    """The one operation on a leaf's channel."""
    (found,) = (
        each for each in DOCUMENT["operations"].values() if each["channel"]["$ref"] == f"#/channels/{leaf.value}"
    )
    return found


def test_the_document_has_the_parts_of_asyncapi_3():
    """A generator or viewer of AsyncAPI finds what it looks for."""
    jsonschema.Draft202012Validator(SHAPE).validate(DOCUMENT)


def test_every_reference_leads_somewhere():
    """Nobody follows a link in the document to nothing."""
    for reference in references(DOCUMENT):
        if reference.startswith("#/"):
            assert at(reference)
        else:
            assert (contract.FOLDER / reference).is_file(), reference


def test_every_channel_is_named_and_no_other():
    """The document and the code know the same seven kinds of message."""
    assert set(DOCUMENT["channels"]) == {leaf.value for leaf in Leaf}
    assert set(DOCUMENT["components"]["messages"]) == {leaf.value for leaf in Leaf}
    assert len(DOCUMENT["operations"]) == len(Leaf)


@pytest.mark.parametrize("leaf", Leaf)
def test_a_channel_is_as_the_code_uses_it(leaf: Leaf):
    """Topic, payload, sender, quality of service and retaining are those that are really used."""
    channel = DOCUMENT["channels"][leaf.value]
    assert channel["address"] == f"{ROOT}/{{region}}/{{station}}/{leaf.value}"
    examples = {name: at(each["$ref"])["examples"][0] for name, each in channel["parameters"].items()}
    assert parse(channel["address"].format(**examples)) == Topic(examples["region"], examples["station"], leaf)
    payload = at(channel["messages"][leaf.value]["$ref"])["payload"]
    assert payload["schema"]["$ref"] == f"./v1/{leaf.value}.schema.json"
    assert operation(leaf)["action"] == ("send" if leaf in FROM_BOX else "receive")
    mqtt = operation(leaf)["bindings"]["mqtt"]
    assert (mqtt["qos"], mqtt["retain"]) == (QOS[leaf], leaf in RETAINED)


def test_every_leaf_is_sent_by_exactly_one_side():
    """A topic never has two speakers."""
    assert sorted([*FROM_BOX, *TO_BOX]) == sorted(Leaf)


def test_parameters_are_described_with_the_patterns_of_the_code():
    """The form of a region and of a station is told in the document, too."""
    described = {name: each["description"] for name, each in DOCUMENT["components"]["parameters"].items()}
    assert REGION_PATTERN.removesuffix(r"\Z") + "$" in described["region"]
    assert STATION_PATTERN.removesuffix(r"\Z") + "$" in described["station"]


def test_the_last_will_is_a_retained_status():
    """Whoever subscribes later still learns that a station is offline."""
    for server in DOCUMENT["servers"].values():
        will = server["bindings"]["mqtt"]["lastWill"]
        assert will["topic"] == DOCUMENT["channels"]["status"]["address"]
        assert (will["qos"], will["retain"]) == (QOS[Leaf.STATUS], True)
