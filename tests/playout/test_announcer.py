from __future__ import annotations

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

from estation_box.playout import announcer, cards
from estation_box.playout.announcer import Facts
from estation_wire.counts import Due, Part, judge, showings
from estation_wire.values import Trust, Tv
from tests.playout.values import SESSION, clip, moment, show

ZONE = ZoneInfo("Asia/Urumqi")


def facts(**changes) -> Facts:
    return Facts(**{"moment": moment(), "zone": ZONE, "name": "七村文化室", **changes})


def planned(in_seconds: float) -> dict[str, object]:
    return {"next_at": moment(in_seconds).at}


def week(seconds: float):
    part = Part(session=SESSION, part=1, began=moment().at, counting=seconds, tv=Tv.UNKNOWN, trust=Trust.NETWORK)
    return judge("2026-W48", showings([part], ZONE), Due(sessions=1, seconds=30))


def test_a_bare_box_asks_for_a_stick_in_both_languages():
    card = announcer.cover(facts(name=""))
    assert "请插入 U 盘" in card
    assert "Put in the provisioning stick" in card


def test_the_next_session_is_told_with_its_day_and_always_with_its_zone():
    """Two zones stand side by side in Xinjiang, and «Tuesday» may be next week's."""
    assert "下一场：今天 17:10" in announcer.cover(facts(**planned(600)))
    later = announcer.cover(facts(**planned(7 * 86400)))
    assert "12月1日 星期二 17:00" in later
    assert "Tuesday 1 December 17:00 UTC+6" in later
    assert "17:00 UTC+6" in later


def test_a_guessed_time_is_shown_as_one_with_its_day_and_zone():
    """Whoever stands before it can see that it is wrong, and set it right."""
    card = announcer.cover(facts(moment=moment(trust=Trust.GUESS)))
    assert "正在等待准确时间" in card
    assert "? 2026-11-24 17:00 UTC+6" in card


def test_who_does_not_know_the_time_still_says_when_it_plays():
    card = announcer.cover(facts(moment=moment(trust=Trust.GUESS), **planned(600)))
    assert "约 10 分钟后播放" in card


def test_where_lesson_hours_cannot_be_known_the_card_offers_and_a_press_plays():
    card = announcer.cover(facts(moment=moment(trust=Trust.GUESS), offer=True))
    assert "按一下按钮" in card
    assert "Press the button" in card


def test_a_closed_week_says_why_and_plans_nothing():
    card = announcer.cover(facts(closed="秋收 · harvest", week=week(0.0), owed_seconds=30))
    assert "本周停播" in card
    assert "harvest" in card


def test_a_countdown_says_how_to_put_it_off_and_then_that_it_was():
    start = moment().at + timedelta(seconds=90)
    card = announcer.cover(facts(announced=show(clip("a")), start_at=start))
    assert "an hour later" in card
    assert "press again for tomorrow" in announcer.banner(facts(put_off=True))


def test_a_sticks_time_is_offered_with_its_zone():
    """One press of the keeper makes it the box's time."""
    banner = announcer.banner(facts(moment=moment(trust=Trust.GUESS), offered=moment(60).at))
    assert "2026-11-24 17:01 UTC+6" in banner
    assert "press if it is right" in banner


def test_an_emergency_bulletin_without_a_picture_fills_the_screen():
    told = facts(bulletin=("地震预警", "请到空旷处 · go outside"), bulletin_card=True)
    assert "地震预警" in announcer.cover(told)
    assert "go outside" in announcer.cover(told)
    assert announcer.banner(told) == ""
    assert "地震预警" in announcer.banner(facts(bulletin=("地震预警", "")))


def test_the_week_is_never_told_better_than_it_is():
    """Twenty-nine point nine seconds of thirty are not thirty."""
    assert "This week: 29 s of 30 s" in announcer.cover(facts(week=week(29.9), owed_seconds=30))
    assert "本周已完成" in announcer.cover(facts(week=week(32.9), owed_seconds=30))
    assert "32 s of 30 s" in announcer.cover(facts(week=week(32.9), owed_seconds=30))
    assert "10 分钟" in announcer.cover(facts(week=week(600.0), owed_seconds=30))


def test_the_countdown_names_the_column_and_the_first_film():
    start = moment().at + timedelta(seconds=90)
    announced = show(clip("a", title="为什么要洗手"), series="科普天地")
    card = announcer.cover(facts(announced=announced, start_at=start, countdown_seconds=120))
    assert "为什么要洗手" in card
    assert "科普天地" in card
    assert "1:30" in card


def test_trouble_goes_before_everything_else_on_the_banner():
    both = facts(
        trouble="the card is full",
        identify=True,
        stick=announcer.StickLine("reading", "", 0.5, ready=False),
        notice="done",
    )
    assert "the card is full" in announcer.banner(both)
    assert "这就是这台机器" in announcer.banner(facts(identify=True, notice="done"))
    assert "reading" in announcer.banner(
        facts(stick=announcer.StickLine("reading", "", 0.5, ready=False), notice="done")
    )
    assert announcer.banner(facts()) == ""


def test_no_word_of_the_card_stands_where_a_banner_is():
    """Whatever is told for a moment, what the card says all day is still there to be read above it."""

    def lowest(told: Facts) -> float:
        return max(float(y) for y in re.findall(r"\\pos\([-\d.]+,([-\d.]+)\)\\q2", announcer.cover(told)))

    quiet = facts(stopped="七村", owed_seconds=600.0, week=week(20), **planned(600))
    assert lowest(quiet) > cards.ABOVE_BANNER
    assert (
        lowest(facts(stopped="七村", owed_seconds=600.0, week=week(20), notice="x", **planned(600)))
        < cards.ABOVE_BANNER
    )
    counting = {"announced": show(), "start_at": moment(60).at}
    assert lowest(facts(**counting)) > cards.ABOVE_BANNER
    assert lowest(facts(silent=True, **counting)) < cards.ABOVE_BANNER
