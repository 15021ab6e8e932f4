"""The house profile: every rule, one broken at a time, and each told in both languages."""

from __future__ import annotations

import re

import pytest
from msgspec.structs import replace

from studio.house_profile import RULES, Facts, judge

FILM = Facts(
    kind="video",
    seconds=600.0,
    codec="h264",
    profile="High",
    pixels="yuv420p",
    width=1280,
    height=720,
    fps=30.0,
    sounds=("aac", "aac"),
    bits=2.4e6,
    gap=2.0,
    index_first=True,
    loudness=(-23.5, None),
)
PICTURE = Facts(kind="still", codec="png", width=1280, height=720)
BROKEN = {
    "picture": Facts(kind="audio", seconds=60.0, sounds=("mp3",), bits=128e3),
    "codec": replace(FILM, codec="hevc"),
    "coding": replace(FILM, profile="High 10", pixels="yuv420p10le"),
    "size": replace(FILM, width=1920, height=1080),
    "frames": replace(FILM, fps=50.0),
    "hidden": replace(PICTURE, hidden=True),
    "interlaced": replace(FILM, interlaced=True),
    "rate": replace(FILM, bits=8e6),
    "sound": replace(FILM, sounds=("aac", "opus")),
    "keys": replace(FILM, gap=10.0),
    "index": replace(FILM, index_first=False),
    "loudness": replace(FILM, loudness=(-12.0, -23.0)),
}


@pytest.mark.parametrize("facts", [FILM, PICTURE, replace(FILM, gap=None, index_first=None, loudness=())])
def test_what_is_in_the_profile_has_no_fault(facts: Facts):
    """A film as it should be, a picture, and a film of which not everything is known are left alone."""
    assert judge(facts) == ()


@pytest.mark.parametrize("rule", BROKEN)
def test_each_rule_is_told_by_itself_in_both_languages(rule: str):
    """The editor reads what is wrong, and nothing else, in Chinese and in English."""
    (fault,) = judge(BROKEN[rule])
    assert fault.rule == rule
    assert re.search(r"[\u4e00-\u9fff]", fault.zh)
    assert len(fault.en) > 15


def test_every_rule_is_tried_here():
    """A rule that nobody breaks in a test is a rule that nobody knows to work."""
    assert {name for name, _, _ in RULES} == set(BROKEN)


def test_the_grave_faults_are_those_that_no_small_box_can_show():
    """What only wastes room or patience is told, and does not keep a film from the halls."""
    grave = {name for name, facts in BROKEN.items() if judge(facts)[0].grave}
    assert grave == {"picture", "codec", "coding", "size", "frames", "hidden"}


def test_a_library_may_declare_more():
    """Where the boxes can do it, 1080p is no fault; 4K still is."""
    large = replace(FILM, width=1920, height=1080, bits=4.9e6)
    assert judge(large, "1080p30") == ()
    assert [fault.rule for fault in judge(replace(large, width=3840, height=2160), "1080p30")] == ["size"]
    assert [fault.rule for fault in judge(replace(FILM, loudness=(-40.0,)))] == ["loudness"]
