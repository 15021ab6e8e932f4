"""What the journal says of a session: the fields of its records. Pure."""

from __future__ import annotations

from typing import Any

from estation_box.playout.show import Clip, Show
from estation_wire.records import EndReason


def started_fields(show: Show) -> dict[str, Any]:
    """The fields of ``session.started``."""
    return {
        "session": show.session,
        "origin": show.origin,
        "part": show.part,
        "series": show.series,
        "rule": show.rule,
        "planned": show.planned,
        "length": show.length,
    }


def clip_fields(show: Show, clip: Clip) -> dict[str, Any]:
    """The fields of ``clip.shown``."""
    return {
        "session": show.session,
        "content": clip.content,
        "title": clip.title,
        "shown": round(clip.total, 2),
        "has": clip.has,
        "counting": clip.counting,
        "completed": clip.completed,
        "resumed": clip.began_at > 0,
        "language": clip.language,
        "subtitles": clip.subtitle_language,
        "fault": clip.error or None,
    }


def ended_fields(show: Show, reason: EndReason) -> dict[str, Any]:
    """The fields of ``session.ended``; the show must have begun."""
    return {
        "session": show.session,
        "origin": show.origin,
        "part": show.part,
        "series": show.series,
        "began": show.began.at if show.began else show.planned,
        "shown": round(show.shown, 2),
        "counting": round(show.counting, 2),
        "tv": show.tv,
        "reason": reason,
        "attendance": show.attendance,
    }
