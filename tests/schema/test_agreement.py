"""The schema files and the types say the same, both ways.

The known differences, each checked here and nowhere else allowed:

* JSON Schema takes ``1.0`` for a whole number, the decoder wants ``1``;
* the decoder takes an instant with a small ``t`` or ``z``, a space, ``+0800`` or more than six digits of a second.

A leap second (``:60``) is refused by both.
"""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support import contract, schema_values, wire_values
from tests.support.wire_values import steady

NAMES = sorted(contract.READERS)
QUICK, LONG = 8, 1000
COUNTS = [QUICK, pytest.param(LONG, marks=[pytest.mark.soak, pytest.mark.timeout(0)])]
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 2**65),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=5),
    st.sampled_from(
        [[], {}, [None], {"a": 1}, "", "a\n", "\0", "x" * 201, "中" * 501, "QQ=", "guess", "boot", "zh-Hans"]
    ),
    st.sampled_from([-1, 1000, 2**53, 1.0, 1e9, 1e300, "0" * 32, "0" * 64, "0" * 32 + "\n", "2026-W53", "2026-W54"]),
    st.sampled_from(
        ["2026-11-24T11:00:31Z", "2026-11-24t11:00:31z", "2026-11-24 11:00:31+0800", "2026-02-30T00:00:00Z"]
    ),
    st.sampled_from(["2026-11-24T11:00:31", "2026-11-24T23:59:60Z", "1969-12-31T23:59:59Z", "9999-12-31T23:59:59Z"]),
)


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) inside a JSON value."""
    found: list[tuple[Any, Any]] = []
    rows = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in rows:
        found += [(value, key), *places(each)]
    return found


@st.composite
def mutants(draw: st.DrawFn, name: str) -> Any:
    """A right value with one to three things in it changed, left out or put beside."""
    value, twin = (
        json.loads(msgspec.json.encode(draw(made))) for made in [wire_values.of_type(contract.type_of(name))] * 2
    )
    for _ in range(draw(st.sampled_from([1, 1, 1, 2, 3]))):
        container, key = draw(st.sampled_from(places(value) or [({}, "")]))
        match draw(st.sampled_from(["change", "change", "drop", "add", "like"])):
            case "change":
                container[key] = draw(ODD)
            case "like":  # another value of the same type from a second right one: often still right
                container[key] = twin.get(key, container[key]) if isinstance(container, dict) else container[key]
            case "drop":
                del container[key]
            case "add" if isinstance(container, dict):
                container[draw(st.sampled_from(["v", "kind", "do", "later"]))] = draw(ODD)
            case _:
                container.append(draw(ODD))
        value = json.loads(json.dumps(value))  # no two places share one list
    return value


def tried(count: int) -> settings:
    """So many examples: the same ones in every quick run, others in each long one."""
    return settings(steady, max_examples=count, derandomize=count < LONG)


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("name", NAMES)
def test_what_the_types_write_the_files_allow(name: str, count: int):
    """Whatever our box or centre sends, another maker's validator takes."""

    @tried(count)
    @given(wire_values.of_type(contract.type_of(name)))
    def holds(value: msgspec.Struct) -> None:
        raw = msgspec.json.encode(value)
        contract.validator(name).validate(json.loads(raw))
        assert contract.read(name, raw)

    holds()


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("name", NAMES)
def test_what_the_files_allow_the_types_read(name: str, count: int):
    """Whatever another maker builds from the files alone, our box or centre takes."""

    @tried(count)
    @given(schema_values.of_schema(contract.inlined(name)))
    def holds(value: Any) -> None:
        contract.validator(name).validate(value)
        assert contract.read(name, json.dumps(value).encode())

    holds()


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("name", NAMES)
def test_files_and_types_agree_on_what_is_wrong(name: str, count: int):
    """A message is right or wrong by the files exactly when it is right or wrong by the types."""

    @tried(2 * count)
    @given(mutants(name))
    def holds(value: Any) -> None:
        allowed = contract.validator(name).is_valid(value)
        taken = contract.read(name, json.dumps(value).encode())
        if allowed and not taken:
            assert contract.read(name, json.dumps(contract.with_whole_numbers(value)).encode()), value
        if taken and not allowed:
            assert contract.validator(name).is_valid(contract.with_plain_instants(value)), value

    holds()
