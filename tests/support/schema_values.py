"""JSON made by hypothesis from the schema files alone, as another maker would who has nothing else.

Made for the keywords that our files use: one that it does not know is an error, so that none is passed over.
(The `hypothesis-jsonschema` package cannot make objects with the hypothesis of today.)
"""

from __future__ import annotations

import calendar
from typing import Any

from hypothesis import strategies as st

TEXT = st.characters(codec="utf-8")
SAID_ELSEWHERE = {"title", "description", "default", "x-max-bytes", "contentEncoding", "type", "format"}
LATER = st.sampled_from([None, True, 7, "a word", [1], {"deep": {}}])


def of_schema(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """JSON values that a schema without references allows."""
    keywords = schema.keys() - SAID_ELSEWHERE
    if "const" in schema:
        return st.just(schema["const"])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "anyOf" in schema:
        return st.one_of([of_schema(each) for each in schema["anyOf"]])
    if "allOf" in schema:
        return _one_kind(schema)
    make, known = _MAKERS[schema["type"]]
    assert keywords <= known, f"{sorted(keywords - known)} of {schema['type']}: teach it here"
    return make(schema)


def _one_kind(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """A record: `if` it is of a known kind, `then` as that kind wants it; else of a kind made later."""
    assert all(branch.keys() == {"if", "then"} for branch in schema["allOf"])
    unknown = {**schema, "properties": {**schema["properties"], "kind": {"const": "made-later"}}}
    del unknown["allOf"]
    return st.one_of([of_schema(unknown), *(of_schema(branch["then"]) for branch in schema["allOf"])])


def _text(schema: dict[str, Any]) -> st.SearchStrategy[str]:
    least, most = schema.get("minLength", 0), schema.get("maxLength", 300)
    if "pattern" not in schema:
        return st.text(TEXT, min_size=least, max_size=min(most, 300))
    made = st.from_regex(schema["pattern"], alphabet=TEXT).filter(lambda text: least <= len(text) <= most)
    return made.filter(_in_calendar) if schema.get("format") == "date-time" else made


def _in_calendar(instant: str) -> bool:
    year, month, day = (int(part) for part in instant[:10].split("-"))
    return day <= calendar.monthrange(year, month)[1]


def _object(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    if "propertyNames" in schema:
        keys, values = of_schema({"type": "string", **schema["propertyNames"]}), schema["additionalProperties"]
        return st.dictionaries(keys, of_schema(values), min_size=schema.get("minProperties", 0), max_size=3)
    fields = {name: of_schema(each) for name, each in schema["properties"].items()}
    asked = {name: fields.pop(name) for name in schema["required"]}
    return st.fixed_dictionaries(asked, optional={**fields, "made_later": LATER})


def _number(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    above = schema.get("exclusiveMinimum")
    least = schema.get("minimum", above)
    return st.floats(least, schema["maximum"], exclude_min=above is not None) | st.integers(
        int(least) + (above is not None), int(schema["maximum"])
    )


def _array(schema: dict[str, Any]) -> st.SearchStrategy[list[Any]]:
    least, most = schema.get("minItems", 0), schema.get("maxItems", 3)
    return st.lists(of_schema(schema["items"]), min_size=least, max_size=min(most, least + 3))


_MAKERS = {
    "string": (_text, {"minLength", "maxLength", "pattern"}),
    "integer": (lambda schema: st.integers(schema["minimum"], schema["maximum"]), {"minimum", "maximum"}),
    "number": (_number, {"minimum", "maximum", "exclusiveMinimum"}),
    "boolean": (lambda _: st.booleans(), set()),
    "null": (lambda _: st.none(), set()),
    "array": (_array, {"items", "minItems", "maxItems"}),
    "object": (
        _object,
        {"properties", "required", "propertyNames", "additionalProperties", "minProperties", "maxProperties"},
    ),
}
