"""What libmpv is told: its settings for the life of the process, and those of one file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from estation_box.playout.frame import WHOLE, Frame
from estation_box.playout.player_words import Entry
from estation_box.settings import Video

LINES: Final = 720  # libmpv's own measure of a screen's height, whatever it has
SUB_MARGIN: Final = 44  # between captions and the edge, in `LINES`
DESK_SIZE: Final = "1280x720"  # of the window on somebody's desk, whatever the film's own size
_BASE: Final[Mapping[str, Any]] = {
    # nothing of the user's, nothing that listens, nothing that looks around
    "config": False,
    "load_scripts": False,
    "osc": False,
    "ytdl": False,
    "input_default_bindings": False,
    "input_vo_keyboard": False,
    "input_cursor": False,
    "access_references": False,
    "audio_file_auto": "no",
    "sub_auto": "no",
    "cover_art_auto": "no",
    # the list never runs dry and the window never closes
    "idle": True,
    "force_window": "immediate",
    "prefetch_playlist": True,
    "image_display_duration": "inf",
    "gapless_audio": "no",  # with «weak» the clip after a sound-only one froze for 0.4 s
    "border": False,
    "stop_screensaver": False,
    "osd_level": 0,
    "osd_bar": False,
    "hr_seek": "yes",
    # for 512 MB: findings say 19 MB less at 1080p
    "vd_lavc_threads": 1,
    "cache": "no",
    "demuxer_max_bytes": "4MiB",
    "demuxer_max_back_bytes": "0",
    # captions as on television
    "sub_font": "Noto Sans CJK SC",
    "sub_font_size": 44,
    "sub_color": "#F4F1EA",
    "sub_border_size": 2.6,
    "sub_margin_y": SUB_MARGIN,
    "sub_ass_force_style": "Encoding=-1",  # libass: each line by its own first letter, from right to left as well
    "screenshot_format": "jpg",
    "screenshot_jpeg_quality": 85,
}
_DRM: Final[Mapping[str, Any]] = {
    # software scaling on the appliance: the fast way, the eye does not see the difference at ten metres
    "sws_scaler": "fast-bilinear",
    "sws_fast": True,
    "sws_allow_zimg": False,  # zimg takes twice the time
}


def output(video: Video, frame: Frame, connector: str = "") -> dict[str, Any]:
    """The settings of the whole process, with this screen and this sound; ``connector``: the kernel's, by its name."""
    options: dict[str, Any] = {**_BASE, "vo": video.output, "fullscreen": video.fullscreen}
    if not video.fullscreen:
        options["autofit"] = DESK_SIZE
    if video.gpu_context:
        options["gpu_context"] = video.gpu_context
    if video.output == "drm":
        options.update(_DRM)
    if connector:
        options["drm_connector"] = connector
    if frame != WHOLE:
        options.update(_framed(frame))
    options["ao"] = video.audio
    return options


def _framed(frame: Frame) -> dict[str, Any]:
    """Films and captions on a screen of another shape, or one that hides its edge. PAL's points are no squares."""
    sides = {f"video_margin_ratio_{side}": frame.margin for side in ("left", "right", "top", "bottom")}
    captions = {
        "sub_margin_x": round(LINES * frame.width / frame.height * frame.margin) + SUB_MARGIN // 2,
        "sub_margin_y": max(SUB_MARGIN, round(LINES * frame.margin) + SUB_MARGIN // 4),
    }
    return {"monitoraspect": frame.width / frame.height, **sides, **captions}


def of(entry: Entry) -> dict[str, str]:
    """The settings of one file of the list."""
    options = {"image-display-duration": f"{entry.seconds:.3f}" if entry.kind == "still" else "inf"}
    if entry.position > 0:
        options["start"] = f"{entry.position:.3f}"
    for name, number in (("aid", entry.audio), ("sid", entry.subtitles)):
        if number is not None:
            options[name] = str(number) if number > 0 else "no"
    return options
