"""Values of the contract's types, made by hypothesis from the types' own limits."""

from __future__ import annotations

import functools
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import msgspec
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from msgspec import inspect

from estation_wire import bulletin_letter, profile, values
from estation_wire.records import AnyRecord, Head

steady = settings(derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck))
"""The same examples in every run, however slow the machine is."""

FIXED = {"v": st.just(values.CONTRACT_MAJOR)}
OF_TYPE = {module.Envelope: {"payload_type": st.just(module.PAYLOAD_TYPE)} for module in (bulletin_letter, profile)}
ZONES = st.one_of(st.just(UTC), st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes))))
INSTANTS = st.datetimes(datetime(1970, 1, 1), datetime(2999, 12, 31), timezones=ZONES)  # noqa: DTZ001 (bounds have none)
TEXTS = {
    None: st.characters(codec="utf-8"),
    values.NO_NUL_PATTERN: st.characters(codec="utf-8", exclude_characters="\0"),
    values.ONE_LINE_PATTERN: st.characters(codec="utf-8", exclude_categories=["Cc"]),
}


def _text(info: inspect.StrType) -> st.SearchStrategy[str]:
    least, most = info.min_length or 0, info.max_length
    if info.pattern in TEXTS:
        return st.text(TEXTS[info.pattern], min_size=least, max_size=min(most or 300, 300))
    return st.from_regex(info.pattern).filter(lambda text: least <= len(text) <= (most or len(text)))


def _struct(info: inspect.StructType) -> st.SearchStrategy[Any]:
    asked, optional = {}, {}
    fixed = FIXED | OF_TYPE.get(info.cls, {})
    for field in info.fields:
        where = asked if field.required else optional
        where[field.name] = fixed[field.name] if field.name in fixed else of_info(field.type)
    return st.fixed_dictionaries(asked, optional=optional).map(lambda fields: info.cls(**fields))


def _records(_info: inspect.RawType) -> st.SearchStrategy[msgspec.Raw]:
    known = of_type(AnyRecord)
    unknown = st.tuples(of_type(Head), st.text(max_size=9)).map(
        lambda pair: {**msgspec.to_builtins(pair[0]), "kind": "made-later", "word": pair[1]}
    )
    return st.one_of(known, unknown).map(lambda record: msgspec.Raw(msgspec.json.encode(record)))


def _array(info: inspect.VarTupleType) -> st.SearchStrategy[tuple[Any, ...]]:
    most = min(info.max_length or 3, (info.min_length or 0) + 3)
    return st.lists(of_info(info.item_type), min_size=info.min_length or 0, max_size=most).map(tuple)


def _mapping(info: inspect.DictType) -> st.SearchStrategy[dict[Any, Any]]:
    keys, each = of_info(info.key_type), of_info(info.value_type)
    return st.dictionaries(keys, each, min_size=info.min_length or 0, max_size=3)


def _number(info: inspect.FloatType) -> st.SearchStrategy[float]:
    least = info.ge if info.ge is not None else info.gt
    return st.floats(least, info.le, exclude_min=info.gt is not None)


_MAKERS = {
    inspect.BoolType: lambda _: st.booleans(),
    inspect.NoneType: lambda _: st.none(),
    inspect.IntType: lambda info: st.integers(info.ge, info.le),
    inspect.FloatType: _number,
    inspect.StrType: _text,
    inspect.BytesType: lambda info: st.binary(max_size=min(info.max_length, 100)),
    inspect.DateTimeType: lambda _: INSTANTS,
    inspect.EnumType: lambda info: st.sampled_from(list(info.cls)),
    inspect.LiteralType: lambda info: st.sampled_from(info.values),
    inspect.UnionType: lambda info: st.one_of([of_info(each) for each in info.types]),
    inspect.VarTupleType: _array,
    inspect.DictType: _mapping,
    inspect.StructType: _struct,
    inspect.RawType: _records,
}


def of_info(info: inspect.Type) -> st.SearchStrategy[Any]:
    """Values of a type as msgspec tells of it."""
    if isinstance(info, inspect.Metadata):
        return of_info(info.type)
    return _MAKERS[type(info)](info)


@functools.cache
def of_type(type_: Any) -> st.SearchStrategy[Any]:
    """Values of a type of the contract, within all its limits."""
    return of_info(inspect.type_info(type_))
