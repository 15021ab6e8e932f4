"""Bulletins as a hall sees them: read over a film, between films, sent by command, counted, and remembered."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from estation_box.apps.core_speaking import Speaking
from estation_box.playout.engine import Layer
from estation_wire import bulletin_letter, bulletins
from estation_wire.bulletin_letter import Letter
from estation_wire.bulletins import Bulletin
from estation_wire.library import Track
from estation_wire.messages import Bulletin as Carried
from estation_wire.profile import Quiet
from estation_wire.records import BulletinShown, SessionEnded
from estation_wire.voices import Voice
from tests.support.box import REGION, START, SimulatedBox, TableShelf, item, profile, slot_of

DESK = f"{REGION}-emergency"
KEYS = [Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (1, 2)]
TEXT = "今晚降温十度，请给牲畜圈舍加盖保温，检查炉火和烟道，谨防一氧化碳中毒。" * 3


def bulletin(**changes) -> Bulletin:
    fields = {"id": "cold", "priority": "urgent", "titles": {"zh-Hans": "寒潮"}, "texts": {"zh-Hans": TEXT}}
    return Bulletin(**{**fields, "issued": START, "seconds": 10, **changes})


def letter(told: Bulletin, keys=KEYS, role: str = DESK, *, ends: bool = False) -> str:
    payload = msgspec.json.encode(Letter(v=1, role=role, bulletin=told, ends=ends))
    message = bulletin_letter.signed_bytes(payload)
    return bulletin_letter.seal(payload, tuple((f"k{n}", key.sign(message)) for n, key in enumerate(keys))).decode()


def send(box: SimulatedBox, document: str, number: int = 1) -> None:
    now = box.world.true
    box.centre.command(
        Carried(v=1, id=f"{number:032x}", issued=now, expires=now + timedelta(hours=1), document=document)
    )


@pytest.fixture
def box(tmp_path) -> SimulatedBox:
    film = item("a", 60.0)
    shelf = TableShelf([film], [slot_of([film], 120.0)])
    names = {f"k{n}": key.public_key().public_bytes_raw().hex() for n, key in enumerate(KEYS)}
    shelf.speakers = (Voice(role=DESK, threshold=2, keys=names),)
    box = SimulatedBox(tmp_path, shelf)
    box.world.knows = True
    return box


def banner(box: SimulatedBox) -> str:
    return box.player.engine.layers.get(Layer.BANNER, "")


def test_an_urgent_bulletin_is_read_page_by_page_over_the_film_which_goes_on(box):
    box.run(130)
    box.shelf.bulletins = [bulletin()]
    box.core._rooms.programme.changed()
    pages = set()
    for _ in range(40):
        box.run(1)
        pages.add(banner(box))
    assert len([page for page in pages if "寒潮" in page]) == 2
    box.run(60)
    assert banner(box) == ""
    (shown,) = box.centre.told(BulletinShown)
    assert (shown.bulletin, shown.times) == ("cold", 1)
    (ended,) = box.centre.told(SessionEnded)
    assert (ended.reason, ended.counting) == ("completed", pytest.approx(60.0, abs=1.0))


def test_a_normal_bulletin_waits_until_the_film_is_over(box):
    box.run(130)
    box.shelf.bulletins = [bulletin(priority="normal")]
    box.core._rooms.programme.changed()
    box.run(20)
    assert banner(box) == ""
    box.run(36)
    assert "寒潮" in banner(box)


def test_a_signed_command_fills_the_screen_with_a_tone_and_is_counted(box):
    box.run(10)
    told = bulletin(id="flood", priority="emergency", titles={"zh-Hans": "洪水"}, link="https://kepu.example/f")
    send(box, letter(told))
    box.run(2)
    assert "洪水" in box.player.engine.layers[Layer.COVER]
    assert any(path.endswith("chime.mp4") for path in box.player.engine.opened)
    assert box.replies()[-1].outcome == "done"
    box.run(12)
    assert "洪水" not in box.player.engine.layers[Layer.COVER]
    (shown,) = box.centre.told(BulletinShown)
    assert shown.bulletin == f"{DESK}:flood"


def test_an_emergency_with_a_clip_of_its_own_begins_with_the_tone_and_the_film_goes_on(box):
    """A clip alone would be taken for the next film; the tone is no part of what is counted."""
    box.run(150)
    clip = item("e", 20.0)
    box.shelf.all[clip.id] = clip
    before = len(box.player.engine.opened)
    box.shelf.bulletins = [bulletin(id="quake", priority="emergency", contents=(clip.id,))]
    box.core._rooms.programme.changed()
    box.run(10)
    opened = box.player.engine.opened[before:]
    assert [path[-9:] for path in opened[:2]] == ["chime.mp4", "eeeeeeeee"]
    box.run(80)
    (shown,) = box.centre.told(BulletinShown)
    assert (shown.bulletin, shown.times) == ("quake", 1)
    assert sum(ended.counting for ended in box.centre.told(SessionEnded)) == pytest.approx(60.0, abs=1.5)


def test_a_command_that_one_person_signed_shows_nothing(box):
    """A stolen login at the centre, even with one of the desk's keys, owns no screen."""
    box.run(10)
    send(box, letter(bulletin(priority="emergency"), KEYS[:1]))
    send(box, letter(bulletin(priority="emergency"), [Ed25519PrivateKey.generate()] * 2), 2)
    send(box, "<b>flood</b>", 3)
    box.run(5)
    assert [each.outcome for each in box.replies()] == ["refused"] * 3
    assert "signed by 1 of the 2" in box.replies()[0].reason
    assert box.centre.told(BulletinShown) == []


def test_a_bulletin_by_command_is_repeated_after_a_restart(box):
    """What comes round every ten minutes comes round after a power cut, too."""
    box.run(10)
    send(box, letter(bulletin(every_minutes=10)))
    box.run(30)
    assert len(box.centre.told(BulletinShown)) == 1
    box.cut_power()
    box.power_up()
    box.run(700)
    assert len(box.centre.told(BulletinShown)) == 2


def test_a_bulletin_is_ended_by_those_who_signed_it_and_an_old_letter_does_not_bring_it_back(box):
    """Recalled, it comes round no more, not after a power cut either; who sends the first letter again is refused."""
    told, own = bulletin(every_minutes=10), bulletin(id=f"{DESK}:hail", every_minutes=10)
    box.shelf.bulletins = [own]
    box.run(10)
    send(box, letter(told))
    box.run(60)
    shown = len(box.centre.told(BulletinShown))
    assert shown == 2
    over = {"not_after": START, "every_minutes": 10}
    send(box, letter(bulletin(**over), KEYS[:1], ends=True), 2)
    send(box, letter(bulletin(**over), ends=True), 3)
    send(box, letter(bulletin(id="hail", **over), ends=True), 4)
    send(box, letter(told), 5)
    box.run(10)
    assert [each.outcome for each in box.replies()] == ["done", "refused", "done", "done", "refused"]
    assert "ended it" in box.replies()[-1].reason
    box.cut_power()
    box.power_up()
    box.run(1300)
    assert len(box.centre.told(BulletinShown)) == shown
    send(box, letter(bulletin(issued=START + timedelta(minutes=20))), 6)
    box.run(30)
    assert len(box.centre.told(BulletinShown)) == shown + 1


@pytest.mark.parametrize(
    ("polite", "open_now", "wakes", "may"),
    [(False, True, False, True), (False, False, False, False), (False, False, True, True), (True, True, True, False)],
)
def test_the_night_is_broken_by_what_says_so_alone(polite, open_now, wakes, may):
    told = bulletin(priority="emergency", wakes=wakes)
    assert bulletins.may_switch_on(told, polite=polite, open_now=open_now) is may
    assert not bulletins.may_switch_on(bulletin(wakes=True), polite=False, open_now=True)


def test_one_key_goes_through_the_languages_of_the_film(tmp_path):
    tracks = [Track(kind="audio", number=n, language=tag) for n, tag in ((1, "zh-Hans"), (2, "ug-Arab"), (3, "en"))]
    film = msgspec.structs.replace(item("a", 60.0), tracks=tuple(tracks))
    shelf = TableShelf([film, item("b", 60.0)], [slot_of([film, item("b", 60.0)], 60.0)])
    box = SimulatedBox(tmp_path, shelf)
    box.run(70)
    speaking = Speaking(box.playout, box, shelf)
    now = box.clock.moment()
    assert [speaking.next(box.profile, now).language for _ in range(3)] == ["ug-Arab", "en", "zh-Hans"]
    assert speaking.next(box.profile, now).language == "ug-Arab"
    assert box.player.engine.heard == (2, 0)
    box.run(60)
    assert speaking.next(box.profile, box.clock.moment()) is None


def test_quiet_hours_make_everything_quieter_and_end(tmp_path):
    """From noon to half past, by the hall's own clock."""
    quiet = (Quiet(days=("MO",), begin="06:02", end="06:10", quieter=20),)
    loud = msgspec.structs.replace(item("a", 900.0), loudness_lufs=-17.0)
    box = SimulatedBox(tmp_path, TableShelf([loud], [slot_of([loud], 60.0)]), profile(quiet=quiet))
    box.world.knows = True
    box.run(100)
    assert box.player.engine.decibels == pytest.approx(-6.0)
    box.run(60)
    assert box.player.engine.decibels == pytest.approx(-26.0)
    box.run(500)
    assert box.player.engine.decibels == pytest.approx(-6.0)


def test_the_screen_goes_dark_long_after_the_last_word_and_wakes_for_a_press(tmp_path):
    box = SimulatedBox(tmp_path, TableShelf([]), profile(rest_minutes=5))
    box.world.knows = True
    box.run(60)
    assert "七村文化室" in box.player.engine.layers[Layer.COVER]
    box.run(300)
    assert "七村文化室" not in box.player.engine.layers[Layer.COVER]
    box.core._face.wake(box.clock.moment())
    box.run(2)
    assert "七村文化室" in box.player.engine.layers[Layer.COVER]
