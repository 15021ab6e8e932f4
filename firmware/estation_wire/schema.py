"""The contract as JSON Schema 2020-12, made from the types: what lies in ``mqtt_schema/v1``.

Each file stands alone, except that a batch of events refers to ``record.schema.json`` and that one to
the files of the known kinds. Sizes, which JSON Schema cannot say, stand as ``x-max-bytes``.
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from estation_wire import bulletin_letter
from estation_wire.bulletins import Bulletins
from estation_wire.codec import LIMIT_BYTES, MESSAGE_TYPES, RECORD_LIMIT_BYTES
from estation_wire.enrolment import REFUSAL_LIMIT_BYTES, REQUEST_LIMIT_BYTES, EnrolmentRefused, EnrolmentRequest
from estation_wire.library import DOCUMENT_LIMIT_BYTES, Catalogue, Programme, Provisioners
from estation_wire.profile import PROFILE_LIMIT_BYTES, Envelope, Profile
from estation_wire.records import KINDS, Head, Record
from estation_wire.values import CONTRACT_MAJOR

FOLDER: Final = f"v{CONTRACT_MAJOR}"
RECORD_FILE: Final = f"{FOLDER}/record.schema.json"
DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
DOCUMENTS: Final[Mapping[str, tuple[type[msgspec.Struct], int]]] = {
    "catalogue": (Catalogue, DOCUMENT_LIMIT_BYTES),
    "programme": (Programme, DOCUMENT_LIMIT_BYTES),
    "bulletins": (Bulletins, DOCUMENT_LIMIT_BYTES),
    "bulletin-letter": (bulletin_letter.Letter, bulletin_letter.LETTER_LIMIT_BYTES),
    "bulletin-envelope": (bulletin_letter.Envelope, bulletin_letter.LETTER_LIMIT_BYTES),
    "provisioners": (Provisioners, DOCUMENT_LIMIT_BYTES),
    "profile": (Profile, PROFILE_LIMIT_BYTES),
    "profile-envelope": (Envelope, PROFILE_LIMIT_BYTES),
    "enrolment-request": (EnrolmentRequest, REQUEST_LIMIT_BYTES),
    "enrolment-refused": (EnrolmentRefused, REFUSAL_LIMIT_BYTES),
}
_REF: Final = "#/$defs/{name}"

Schema = dict[str, Any]


def kind_name(kind: type[Record]) -> str:
    """The word that stands in a record's ``kind``."""
    return str(kind.__struct_config__.tag)


def schema_files() -> dict[str, Schema]:
    """Every schema file of the contract: its path under ``mqtt_schema/``, and what stands in it."""
    files = {f"{FOLDER}/{leaf.value}.schema.json": _of(MESSAGE_TYPES[leaf], size) for leaf, size in LIMIT_BYTES.items()}
    files[f"{FOLDER}/events.schema.json"]["properties"]["records"]["items"] = {"$ref": "record.schema.json"}
    files[RECORD_FILE] = _any_record()
    for kind in KINDS:
        files[f"{FOLDER}/records/{kind_name(kind)}.schema.json"] = _of(kind, RECORD_LIMIT_BYTES)
    for name, (type_, limit) in DOCUMENTS.items():
        files[f"{FOLDER}/documents/{name}.schema.json"] = _of(type_, limit)
    return files


def text(schema: Schema) -> str:
    """A schema file's text."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _of(type_: Any, limit: int) -> Schema:
    """The schema of one type, alone in its file, with the definitions that it needs."""
    (top,), components = msgspec.json.schema_components([type_], ref_template=_REF)
    tidy = {name: _tidy(component) for name, component in components.items()}
    # a choice of several types, such as the commands, is no reference
    body = tidy.pop(top["$ref"].rpartition("/")[2]) if "$ref" in top else _tidy(top)
    file: Schema = {"$schema": DIALECT, **body, "x-max-bytes": limit}
    if tidy:
        file["$defs"] = dict(sorted(tidy.items()))
    return file


def _any_record() -> Schema:
    """Any record: what every one has, and all that its kind asks where the kind is known."""
    return {
        **_of(Head, RECORD_LIMIT_BYTES),
        "allOf": [
            {
                "if": {"properties": {"kind": {"const": name}}, "required": ["kind"]},
                "then": {"$ref": f"records/{name}.schema.json"},
            }
            for name in map(kind_name, KINDS)
        ],
    }


def _tidy(component: Schema) -> Schema:
    """A component as any validator reads it: ECMA-262 patterns, plain descriptions, this major only."""
    tidied: Schema = dict(_tidied_items(component))
    if "v" in tidied.get("properties", {}):
        tidied["properties"]["v"] = {"const": CONTRACT_MAJOR, "description": "major version of the contract"}
    return tidied


def _tidied_items(node: Schema) -> Iterator[tuple[str, Any]]:
    for key, value in node.items():
        if key == "discriminator":
            continue  # a word of OpenAPI, not of JSON Schema
        if key == "pattern":
            yield key, re.sub(r"\\Z$", "$", value)  # ECMA-262 has no \Z; there, $ is the very end
        elif key == "description":
            yield key, inspect.cleandoc(value).replace("``", "`")
        elif key == "enum" and len(value) == 1:
            yield "const", value[0]
        else:
            yield key, _walk(value)


def _walk(value: Any) -> Any:
    if isinstance(value, dict):
        return dict(_tidied_items(value))
    if isinstance(value, list):
        return [_walk(each) for each in value]
    return value
