"""The scenes of the golden pictures, and how one is drawn: by the real player on a virtual screen.

They are small PNG files beside this module. ``python -m tests.player.golden`` writes them anew.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Final

from PIL import Image

from estation_box.playout import bulletin_cards, cards, menu_cards, naming_cards, still_cards
from estation_box.playout.player_words import Cover
from estation_box.playout.qr import modules
from estation_box.provisioning.choosing import Candidate, Scene, View
from estation_box.remote import pages as menu_pages
from estation_box.remote.offer import Film, Shelf
from estation_box.remote.pages import Known, Menu
from estation_wire import picture
from estation_wire.audience import Topic
from estation_wire.picture import Picture
from tests.support import clips
from tests.support.framebuffer import FrameBuffer
from tests.support.player import Hand, video

FOLDER: Final = Path(__file__).parent
SIZE: Final = (320, 180)
STANDS_FOR: Final = 0.5  # seconds in which the picture must not change any more
PATIENCE: Final = 20.0

ZH: Final = "受冷空气影响，今晚到明天气温下降 8 到 10 度。请给牲畜圈舍加盖保温，检查炉火和烟道，谨防一氧化碳中毒。"

UG: Final = "كەلكۈن كەلگەندە قانداق قىلىش كېرەك؟ ئېگىز يەرگە چىقىڭ، ئېلېكتىر مەنبەسىنى ئۈزۈڭ."
KK: Final = "سۋ تاسقىنى بولعاندا بيىك جەرگە شىعىڭىزدار، ەلەكتر قۋاتىن ءوشىرىڭىزدەر."
KY: Final = "سەل جۈرگۅندۅ بىيىك جەرگە چىعىڭىزدار، توكتۇ ۅچۈرۈڭۈزدۅر."
EN: Final = "When the flood comes, go to higher ground, switch the power off, and stay together."
PLACE: Final = {"name": "七村文化室", "clock": "17:10 UTC+6"}


def _lower(title: str, text: str, link: str = "", *, urgent: bool = True) -> tuple[str, str]:
    pages = bulletin_cards.pages(text)
    return BELOW, bulletin_cards.lower_third(title, pages[0], 1, len(pages), urgent=urgent, link=link)


def _full(title: str, text: str, link: str = "") -> tuple[str, str]:
    return bulletin_cards.full(title=title, text=text, dated="11-24 17:00 – 11-25 08:00 UTC+6", link=link, **PLACE), ""


_WORDS: Final = {
    "headline": "下一场：今天 19:30", "detail": "Next session: today 19:30 UTC+6",
    "lines": ("本周已完成 ✓ 12 分钟", "This week: done, 720 s of 600 s", "长按更改：七村 · hold to change it"),
}  # fmt: skip
STATION: Final = cards.station_card(**_WORDS, share=1.0, **PLACE)
BELOW: Final = cards.station_card(**_WORDS, share=1.0, foot=cards.ABOVE_BANNER, **PLACE)
"""The same, where a banner stands."""
_CANDIDATE: Final = Candidate(station="hall-0007", name="七村文化室")
_QUESTIONS: Final = ("为什么饭前一定要洗手？只用清水够不够？", "洗手要洗多久？", "家里的孩子不爱洗手，怎么办？")
_WHOM: Final = ("电话 0997-1234567", "微信扫码留言")
SCENES: Final[dict[str, tuple[str, str]]] = {
    "station": (STATION, ""),
    "station-guess": (
        cards.station_card(
            name="七村文化室", headline="时间未校准，约 10 分钟后播放",
            detail="The time is not known: it plays in 10 min",
            lines=("本周还差 9 分钟",), clock="? 2026-11-24 17:10 UTC+6", share=0.1,
        ), "",
    ),
    "countdown": (
        cards.countdown_card(
            title="为什么要洗手？", series="科普天地", seconds=75, of=120,
            hint="按一下：推迟一小时 · press: an hour later", **PLACE,
        ), "",
    ),
    "countdown-ug": (cards.countdown_card(title=UG, series="科普天地", seconds=9, of=120, **PLACE), ""),
    "countdown-notice": (
        cards.countdown_card(
            title="为什么要洗手？", series="科普天地", seconds=75, of=120, foot=cards.ABOVE_BANNER,
            hint="按一下：推迟一小时 · press: an hour later", **PLACE,
        ), cards.banner("电视没有声音，请调大音量 · the TV is silent: turn it up, or the film is seen and not heard"),
    ),
    "welcome": (naming_cards.card(View(scene=Scene.WELCOME), ""), ""),
    "works": (naming_cards.card(View(scene=Scene.WORKS), ""), ""),
    "loading": (BELOW, cards.progress("正在装载 3/5 科普天地", 0.42, detail="请不要拔出 U 盘 · 约 4 分钟")),
    "ready": (BELOW, cards.progress("现在可以拔出 U 盘", 0.7, detail="其余节目稍后装载", ready=True)),
    "fault": (
        cards.fault(
            title="这台机器需要帮助", words="播放程序反复停止，机器会在 30 分钟后自己重试。", code="E-PLAYER-3",
            qr=modules("estation:hall-0007:E-PLAYER-3"), **PLACE,
        ), "",
    ),
    "bulletin-zh": _full("地震预警：请立即避险", ZH, "https://kepu.example/eq7"),
    "bulletin-ug": _full("كەلكۈن ئاگاھلاندۇرۇشى", UG, "https://kepu.example/f7"),
    "bulletin-kk": _full("سۋ تاسقىنى", KK),
    "bulletin-ky": _full("سەل", KY),
    "bulletin-en": _full("Flood warning", EN),
    "third-zh": _lower("寒潮蓝色预警", ZH),
    "third-ug": _lower("كەلكۈن", UG, urgent=False),
    "third-kk": _lower("سۋ تاسقىنى", KK),
    "third-ky": _lower("سەل", KY),
    "third-en": _lower("Flood warning", EN, "https://kepu.example/f7"),
    "text": (still_cards.over("text", "春耕防冻三件事", (ZH, "有问题请找乡农技站。")), ""),
    "discussion": (still_cards.over("discussion", "大家聊一聊", _QUESTIONS), ""),
    "discussion-ug": (still_cards.over("discussion", "پاراڭلىشايلى", (UG, UG[:37], UG)), ""),
    "contact": (still_cards.over("contact", "有问题？找县科协", _WHOM, "tel:+869971234567"), ""),
    "caption": (still_cards.over("picture", "", ("七步洗手法的第一步：掌心相对，手指并拢，相互揉搓。",)), ""),
}  # fmt: skip
"""Cover and banner by name."""


MENU: Final = ("menu", "menu-plain")
"""The films of a topic, chosen by their pictures, and the same where none has one."""
PAL: Final = ("pal-station", "pal-film")
"""A card, and a film with its captions below it, on a tube: 720x576 points that are no squares, on 4:3."""
PAL_SIZE: Final = "720x576"
PAL_TV: Final = 'picture = "composite"'
BAND: Final = (0, 620, 1280, 710)  # where captions stand
CAPTIONS: Final[dict[str, str]] = {"captions-ug": UG, "captions-kk": KK, "captions-ky": KY, "captions-en": EN}
"""What is read below a film: three scripts from right to left, and one from left to right."""


def small_picture(number: int) -> Picture:
    """A picture that no other is: a sun in another place of another sky."""
    sky = (bytes((200 - n, 90 + n // 2, 40 * number + n // 4, 255)) for n in range(200))
    palette = b"".join(sky) + bytes(4) * 55 + bytes((0x40, 0xD0, 0xFF, 0xFF))
    sun = 80 + 50 * number
    points = bytes(
        255 if (x - sun) ** 2 + (y - 90) ** 2 < 1600 else y for y in range(picture.HEIGHT) for x in range(picture.WIDTH)
    )
    return Picture(palette, points)


def films(*, pictured: bool) -> Known:
    """Five films of one topic, of which the fourth has no picture, or none."""
    long = "地震来了怎么办：先避险，再撤离，不乘电梯"
    titles = ("为什么要洗手？", "春耕防冻三件事", long, "食品标签会看吗", "كەلكۈن كەلگەندە")
    shelf = tuple(
        Film(
            content=str(n), title=title, series="科普天地", seconds=95.0 + 130 * n, languages=("zh-Hans", "ug-Arab"),
            signed=n == 2, picture=f"{n:x}" * 64 if pictured and n != 3 else "",
        )
        for n, title in enumerate(titles)
    )  # fmt: skip
    return Known(shelves=(Shelf(topic=Topic.HEALTH, films=shelf),))


def menu(core: Hand, frame_buffer: Path, folder: Path, pictures: Path) -> dict[str, Path]:
    """Have the player show both pages, and keep the pictures."""
    pictures.mkdir(exist_ok=True)
    for n in range(5):
        (pictures / (f"{n:x}" * 64)).write_bytes(picture.encode(small_picture(n)))
    at, drawn = Menu(scene=menu_pages.Scene.FILMS, at=2), {}
    for name in MENU:
        known = films(pictured=name == "menu")
        before = FrameBuffer(frame_buffer).pixels()
        ass = menu_cards.card(at, known, **PLACE)
        assert core.ask(Cover, ass=ass, pictures=menu_cards.pictures(at, known)).ok
        drawn[name] = _stands(FrameBuffer(frame_buffer), before, folder / f"{name}.png", name)
    return drawn


def await_card(frame_buffer: Path) -> None:
    """A player that has just come draws its first card in its own time: wait for the ground in the corner."""
    FrameBuffer(frame_buffer).wait(lambda pixel: pixel == (0x0E, 0x1B, 0x24), PATIENCE, at=(2, 2))


def pal(core: Hand, frame_buffer: Path, folder: Path) -> dict[str, Path]:
    """Have a player on a tube show both, and keep the pictures."""
    await_card(frame_buffer)
    station, film = PAL
    drawn = {station: draw(core, frame_buffer, station, folder, SCENES["station"])}
    return drawn | {film: play(core, frame_buffer, film, folder, "captions-ug")}


def play(core: Hand, frame_buffer: Path, name: str, folder: Path, captions: str = "") -> Path:
    """Have the player show a film with one of its caption tracks, and keep the picture."""
    film = clips.captioned(tuple(CAPTIONS.values()))
    before = FrameBuffer(frame_buffer).pixels()
    core.play(video(film, seconds=30.0, subtitles=list(CAPTIONS).index(captions or name) + 1), session=name)
    screen = FrameBuffer(frame_buffer)
    screen.wait(lambda pixel: pixel[2] > 80, PATIENCE)  # the film's blue: until then the card stands
    path = _stands(screen, before, folder / f"{name}.png", name)
    core.rest()
    return path


def _stands(screen: FrameBuffer, before: bytes, path: Path, name: str) -> Path:
    """Wait until another picture than ``before`` stands, and keep it."""
    since, ends, changed = time.monotonic(), time.monotonic() + PATIENCE, False
    while not changed or time.monotonic() - since < STANDS_FOR:
        assert time.monotonic() < ends, f"{name} does not come, or is never at rest"
        if (now := screen.pixels()) != before:
            before, since, changed = now, time.monotonic(), True
        time.sleep(0.05)
    screen.image(before).save(path)
    return path


def draw(core: Hand, frame_buffer: Path, name: str, folder: Path, scene: tuple[str, str] | None = None) -> Path:
    """Have the player draw a scene, wait until another picture than before stands, and keep it."""
    screen = FrameBuffer(frame_buffer)
    before = screen.pixels()
    assert core.ask(
        Cover, ass="\n".join(filter(None, scene or SCENES[name]))
    ).ok  # at once: it changes the picture once
    return _stands(screen, before, folder / f"{name}.png", name)


def small(path: Path) -> Image.Image:
    """The picture as it is compared; of a film's the band of its captions, which is little of the whole."""
    seen = Image.open(path).convert("RGB")
    if path.stem in CAPTIONS:
        return seen.crop(BAND).resize((640, 45), Image.Resampling.BOX)
    if path.stem in PAL:
        return seen.resize((360, 288), Image.Resampling.BOX)
    return seen.resize(SIZE, Image.Resampling.BOX)
