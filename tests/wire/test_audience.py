"""Whom a rule or a bulletin is for."""

from __future__ import annotations

import msgspec
import pytest

from estation_wire.audience import EVERYBODY, Audience, Place, SiteKind, Topic, Trade, meant_for
from estation_wire.bulletins import Bulletins
from estation_wire.errors import MalformedError
from estation_wire.library import decode_document

SHUFU = Place(
    kind="village",
    region="653121",
    languages=("ug-Arab", "zh-Hans"),
    topics=(Topic.RURAL, Topic.HEALTH),
    trades=(Trade.FARMING,),
)


@pytest.mark.parametrize(
    ("audience", "meant"),
    [
        (EVERYBODY, True),
        (Audience(kinds=("village",)), True),
        (Audience(kinds=("school", "mobile")), False),
        (Audience(regions=("653121",)), True),
        (Audience(regions=("653122",)), False),
        (Audience(regions=("653100",)), True),  # its prefecture
        (Audience(regions=("650000",)), True),  # its province
        (Audience(regions=("653200",)), False),
        (Audience(regions=("620000",)), False),
        (Audience(regions=("620000", "653121")), True),
        (Audience(languages=("ug-Arab",)), True),
        (Audience(languages=("kk-Arab",)), False),
        (Audience(topics=(Topic.EMERGENCY,)), False),
        (Audience(topics=(Topic.EMERGENCY, Topic.RURAL)), True),
        (Audience(trades=(Trade.CRAFTS,)), False),
        (Audience(trades=(Trade.CRAFTS, Trade.FARMING)), True),
        (Audience(kinds=("village",), regions=("653100",), languages=("zh-Hans",), trades=(Trade.FARMING,)), True),
        (Audience(kinds=("village",), regions=("653100",), languages=("kk-Arab",), trades=(Trade.FARMING,)), False),
    ],
)
def test_every_list_that_is_given_must_agree(audience, meant):
    """A notice for the farmers of one prefecture reaches its villages and nobody else."""
    assert meant_for(audience, SHUFU) is meant


def test_a_place_of_which_little_is_known_takes_what_is_meant_for_such():
    """A hall whose profile names no trades and no topics is not left out of what is for farmers."""
    place = Place(kind="village", region="653121")
    assert meant_for(Audience(topics=(Topic.HEALTH,), trades=(Trade.CRAFTS,), languages=("kk-Arab",)), place)
    assert not meant_for(Audience(kinds=("school",)), place)


@pytest.mark.parametrize(
    ("region", "counties"),
    [
        ("000000", {"653121", "653201", "110101"}),
        ("650000", {"653121", "653201"}),
        ("653100", {"653121"}),
        ("653121", {"653121"}),
        ("653000", set()),  # another prefecture of the same first digits
    ],
)
def test_a_code_that_ends_in_noughts_stands_for_all_below_it(region, counties):
    """650000 is all of Xinjiang, 653100 the prefecture of Kashgar, 653121 one county."""
    audience = Audience(regions=(region,))
    named = {one for one in ("653121", "653201", "110101") if meant_for(audience, Place(kind="school", region=one))}
    assert named == counties


@pytest.mark.parametrize(
    "audience",
    [
        {"kinds": ["prison"]},
        {"trades": ["politics"]},
        {"topics": ["religion"]},
        {"regions": ["65"]},
        {"regions": ["653121"] * 201},
        {"languages": ["everybody"]},
        {"kinds": "village"},
    ],
)
def test_the_lists_stay_closed(audience):
    """A word that is on no list spoils the document: nobody is told apart by what was not agreed."""
    bulletin = {"id": "a", "priority": "normal", "titles": {"en": "x"}, "issued": "2026-11-23T00:00:00Z"}
    document = {"v": 1, "version": 1, "bulletins": [bulletin | {"audience": audience}]}
    with pytest.raises(MalformedError, match="audience"):
        decode_document(Bulletins, msgspec.json.encode(document))


def test_the_lists_describe_places_and_content_only():
    """What the lists hold, to the word: a new word is a decision, not a slip."""
    assert [one.value for one in Trade] == ["farming", "livestock", "crafts"]
    assert set(SiteKind.__args__) == {"village", "school", "mobile"}
    assert {field.name for field in msgspec.structs.fields(Audience)} == {
        "kinds", "regions", "languages", "topics", "trades",
    }  # fmt: skip
    assert len(Topic) == 10
