"""The contract as its files say it and as the types read it, side by side."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from estation_wire import bulletin_letter, codec, library, profile, records, schema, topics
from estation_wire.errors import MalformedError, WireError

FOLDER = Path(__file__).parents[2] / "mqtt_schema"
KNOWN = {schema.kind_name(kind): kind for kind in records.KINDS}
FORMATS = jsonschema.FormatChecker(formats=())


@FORMATS.checks("date-time")
def _is_instant(text: Any) -> bool:
    """RFC 3339 by the calendar: jsonschema's own check needs a package that we do not ship."""
    if not isinstance(text, str):
        return True
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def _ecma_pattern(_validator, pattern, instance, _schema):
    """`pattern` as ECMA-262 reads it: `$` is the very end, where Python lets a last newline pass."""
    if isinstance(instance, str) and not re.search(python_pattern(pattern), instance):
        yield jsonschema.ValidationError(f"{instance!r} does not match {pattern!r}")


_Validator = jsonschema.validators.extend(jsonschema.Draft202012Validator, {"pattern": _ecma_pattern})


def python_pattern(pattern: str) -> str:
    """An ECMA-262 pattern of our files as Python writes it."""
    return re.sub(r"\$$", r"\\Z", pattern)


@functools.cache
def schemas() -> dict[str, dict[str, Any]]:
    """Every schema file by its path under mqtt_schema."""
    return {path.relative_to(FOLDER).as_posix(): json.loads(path.read_text()) for path in FOLDER.rglob("*.schema.json")}


@functools.cache
def validator(name: str) -> jsonschema.protocols.Validator:
    """The validator of one file, with the references between the files."""
    resources = {}
    for each, body in schemas().items():  # without its "$schema", which would bring jsonschema's own class back
        resources[each] = Resource({key: value for key, value in body.items() if key != "$schema"}, DRAFT202012)
    return _Validator({"$ref": name}, registry=Registry().with_resources(resources.items()), format_checker=FORMATS)


def inlined(name: str) -> dict[str, Any]:
    """One schema file with every reference replaced by what it names, patterns as Python writes them."""

    def walk(node: Any, home: str) -> Any:
        if isinstance(node, list):
            return [walk(each, home) for each in node]
        if not isinstance(node, dict):
            return node
        if "$ref" in node:
            file, _, place = node["$ref"].partition("#/$defs/")
            target = (Path(home).parent / file).as_posix() if file else home
            return walk(schemas()[target]["$defs"][place] if place else schemas()[target], target)
        walked = {key: walk(value, home) for key, value in node.items() if key not in {"$schema", "$defs"}}
        if isinstance(walked.get("pattern"), str):
            walked["pattern"] = python_pattern(walked["pattern"])
        return walked

    return walk(schemas()[name], name)


def _read_any_record(raw: bytes) -> None:
    if codec.decode_head(raw).kind in KNOWN:
        codec.decode_record(raw)


def _read_kind(kind: str, raw: bytes) -> None:
    if codec.decode_head(raw).kind != kind:
        raise MalformedError(kind)
    codec.decode_record(raw)


def _read_events(raw: bytes) -> None:
    for record in codec.decode_message(topics.Leaf.EVENTS, raw).records:
        _read_any_record(bytes(record))


def readers() -> dict[str, Callable[[bytes], Any]]:
    """For each schema file the way in which the product reads such bytes."""
    found: dict[str, Callable[[bytes], Any]] = {schema.RECORD_FILE: _read_any_record}
    for leaf in topics.Leaf:
        found[f"v1/{leaf.value}.schema.json"] = functools.partial(codec.decode_message, leaf)
    found["v1/events.schema.json"] = _read_events
    for kind in KNOWN:
        found[f"v1/records/{kind}.schema.json"] = functools.partial(_read_kind, kind)
    for name, (type_, _) in schema.DOCUMENTS.items():
        found[f"v1/documents/{name}.schema.json"] = functools.partial(library.decode_document, type_)
    found["v1/documents/bulletin-envelope.schema.json"] = bulletin_letter.open_envelope
    found["v1/documents/profile-envelope.schema.json"] = profile.decode_envelope
    return found


READERS = readers()


def read(name: str, raw: bytes) -> bool:
    """Whether the product takes the bytes."""
    try:
        READERS[name](raw)
    except WireError:
        return False
    return True


def type_of(name: str) -> Any:
    """The type that a schema file was made from."""
    stem = name.rpartition("/")[2].removesuffix(".schema.json")
    if "/records/" in name:
        return KNOWN[stem]
    if "/documents/" in name:
        return schema.DOCUMENTS[stem][0]
    return records.AnyRecord if name == schema.RECORD_FILE else codec.MESSAGE_TYPES[topics.Leaf(stem)]


def with_whole_numbers(value: Any) -> Any:
    """`value` with 1.0 written as 1: JSON Schema takes both for a whole number, the decoder only the second."""
    if isinstance(value, dict):
        return {key: with_whole_numbers(each) for key, each in value.items()}
    if isinstance(value, list):
        return [with_whole_numbers(each) for each in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def with_plain_instants(value: Any) -> Any:
    """`value` with each instant written as the files want it: the decoder also takes `t`, `z`, a space, `+0800`."""
    if isinstance(value, dict):
        return {key: with_plain_instants(each) for key, each in value.items()}
    if isinstance(value, list):
        return [with_plain_instants(each) for each in value]
    try:
        return msgspec.to_builtins(msgspec.convert(value, datetime)) if isinstance(value, str) else value
    except msgspec.ValidationError:
        return value
