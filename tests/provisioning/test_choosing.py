"""Which station a new box becomes: asked on the screen, answered with one button, read by the real sync."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from estation_box.drivers.desk import Desk
from estation_box.library import said
from estation_box.programme.courtesy import Press
from estation_box.provisioning.choosing import Told
from estation_wire import stick as layout
from estation_wire.messages import Stored
from studio import profiles
from tests.provisioning.hall import Hall
from tests.support.library import NOW, Made, make_profile
from tests.support.sync_box import receipt_of

ROOMS = ("room-01", "room-02", "room-03")


def put(made: Made, station: str, **changes: object) -> None:
    profile = make_profile(made.authority.pem, station, **{"name": f"教室 {station}", **changes})
    (made.stick / layout.profile(station)).write_bytes(profiles.sign(made.studio, profile))


@pytest.fixture
def school(made: Made) -> Made:
    """A stick with three rooms' profiles."""
    (made.stick / layout.profile("hall-0007")).unlink()
    for room in ROOMS:
        put(made, room)
    return made


@pytest.fixture
def hall(made: Made, tmp_path: Path) -> Hall:
    return Hall(tmp_path / "hall", made.root)


def test_a_new_box_welcomes_people_and_its_button_is_seen_to_work(hall):
    """Before any stick is in, a press shows and sounds at once that box, screen, sound and button are in order."""
    assert "按一下按钮试试" in hall.screen
    assert hall.heard == 1
    hall.press(Press.SHORT)
    assert "按钮正常" in hall.screen
    assert hall.heard == 2
    hall.wait(8)
    assert "按一下按钮试试" in hall.screen


def test_the_only_profile_is_taken_without_a_question_and_ends_green_with_a_code(hall, made):
    """One stick, one profile, one box: nothing to press; the six digits are on the screen and in the receipt."""
    assert hall.put_in(made.stick).provisioned
    code = layout.check_code("hall-0007", 1, hall.box.seal.fingerprint())
    spaced = f"{code[:3]} {code[3:]}"
    assert spaced in hall.screen
    assert any(spaced in line.zh and spaced in line.en for line in receipt_of(made.stick).lines)
    hall.press(Press.SHORT)
    assert spaced not in hall.screen


def test_waiting_never_chooses_among_several(hall, school):
    """With three rooms on the stick the box asks, and a quarter of an hour without a press makes it none of them."""
    hall.put_in(school.stick)
    hall.wait(900)
    assert "room-01" in hall.screen
    assert hall.box.profile is None
    assert not (school.stick / layout.RETURNED).exists()


def test_a_short_press_shows_the_next_room_and_a_long_one_takes_it(hall, school):
    """Short, short, short comes back to the first; a long press makes the box what the screen says."""
    hall.put_in(school.stick)
    seen = []
    for _ in range(4):
        seen.append(next(room for room in ROOMS if f"· {room}" in hall.screen))
        hall.press(Press.SHORT)
    assert seen == [*ROOMS, ROOMS[0]]
    hall.press(Press.LONG)
    assert hall.box.profile.station == "room-02"
    assert hall.box.profile.name in hall.screen


def test_a_room_that_another_box_took_is_shown_as_done_and_not_offered(hall, school, tmp_path):
    """The second box sees when the first was done, and is offered what is left."""
    first = Hall(tmp_path / "first", school.root)
    first.put_in(school.stick)
    first.press(Press.LONG)
    assert first.box.profile.station == "room-01"
    hall.put_in(school.stick)
    assert "✓ 14:00 教室 room-01" in hall.screen
    assert "1 / 2" in hall.screen
    hall.press(Press.LONG)
    assert hall.box.profile.station == "room-02"


def test_a_stick_pulled_before_the_answer_leaves_a_bare_box(hall, school):
    """Pulled while it is asked, the box welcomes people again; what was chosen counts for nothing later."""
    hall.put_in(school.stick)
    hall.pull()
    assert "按一下按钮试试" in hall.screen
    hall.press(Press.LONG)
    assert hall.asked == 0
    assert hall.box.profile is None


def test_a_choice_made_on_one_stick_is_not_carried_to_another(hall, school):
    """A stick swapped between the question and the answer is asked anew."""
    hall.put_in(school.stick)
    hall.stick = None
    hall.press(Press.LONG)  # core has sync read a stick that is not there any more
    assert "选站没有成功" in hall.screen
    hall.pull()
    hall.put_in(school.stick)
    assert hall.box.profile is None
    assert "1 / 3" in hall.screen


def test_what_is_expired_is_not_offered(hall, school):
    """Of three rooms only those are asked whose profile could be applied."""
    put(school, "room-02", not_after=NOW - timedelta(days=365))
    put(school, "room-03", timezone="Mars/Olympus")
    hall.put_in(school.stick)
    assert "1 / 1" in hall.screen
    assert hall.box.profile is None


def test_where_nothing_fits_the_screen_is_red_and_says_what_to_do(hall, school):
    """Three expired profiles: the reason is on the screen, and the card goes with the stick."""
    for room in ROOMS:
        put(school, room, not_after=NOW - timedelta(days=365))
    hall.put_in(school.stick)
    assert "room-01 已过期" in hall.screen
    assert "try another stick" in hall.screen
    hall.pull()
    assert "按一下按钮试试" in hall.screen


def test_a_used_profile_is_refused_in_words_on_the_screen(hall, made, tmp_path):
    """The second box with the first one's stick learns that the profile was used."""
    Hall(tmp_path / "first", made.root).put_in(made.stick)
    hall.put_in(made.stick)
    assert "已经用过" in hall.screen
    assert hall.box.profile is None


def test_a_copy_of_the_stick_without_its_receipts_does_not_name_a_box_twice(hall, school):
    """A replayed stick: the box that was room-01 once does not become it again after it was emptied."""
    copy = shutil.copytree(school.stick, school.stick.with_name("copy"))
    hall.put_in(school.stick)
    hall.press(Press.LONG)
    hall.pull()
    (hall.box.state / "profile.json").unlink()
    for room in ROOMS[1:]:
        (copy / layout.profile(room)).unlink()
    assert hall.box.visit(copy).reasons == (said.PROFILE_USED.about(station="room-01").zh,)


def test_the_check_code_is_another_for_another_box_station_or_profile():
    """Whoever compares six digits finds a box that was swapped."""
    codes = {
        layout.check_code(station, epoch, key) for station in ROOMS for epoch in (1, 2) for key in ("a" * 64, "b" * 64)
    }
    assert len(codes) == 12
    assert all(len(code) == 6 and code.isdecimal() for code in codes)
    assert layout.check_code("hall-0007", 1, "0" * 64) == "553571"


def test_a_torn_word_of_the_other_process_is_no_word(tmp_path):
    """A file that was cut, or holds another thing, asks nothing and chooses nothing."""
    desk = Desk(tmp_path)
    assert (desk.told(), desk.chosen()) == (Told(), None)
    (tmp_path / "provisioning.json").write_bytes(b'{"candidates":[{"sta')
    (tmp_path / "station-chosen").write_bytes(b"../../etc")
    assert (desk.told(), desk.chosen()) == (Told(), None)
    (tmp_path / "lost").write_text("")
    Desk(tmp_path / "lost").tell(Told())  # a folder that is none: sync goes on
    Desk(tmp_path / "lost").clear()


def test_a_new_box_reports_home_by_the_very_stick_that_named_it(hall, made):
    """Request and records lie on the stick together: one way to the office, and both are answered."""
    hall.put_in(made.stick)
    folder = made.stick / layout.reports("hall-0007")
    (path,) = folder.iterdir()
    sealed = layout.unseal(path.read_bytes(), layout.REPORT_KIND, layout.REPORT_LIMIT_BYTES)
    head, records = layout.read_report(sealed)
    assert (head.station, head.first, head.last) == ("hall-0007", 1, len(records))
    assert (made.stick / layout.returned("hall-0007") / layout.REQUEST).exists()
    hall.wait(1)
    undelivered = hall.world.journal.undelivered()
    stored = (Stored(journal=head.journal, watermark=head.last),)
    ack = msgspec.json.encode(layout.AckHead(v=1, station="hall-0007", time=NOW, journals=stored))
    signature = made.authority.key.sign(layout.signed_message(layout.ACK_KIND, ack), ec.ECDSA(hashes.SHA256()))
    (made.stick / layout.ACKS).mkdir()
    (made.stick / layout.ack("hall-0007")).write_bytes(layout.seal(ack, signature))
    hall.sync()
    assert hall.world.journal.undelivered() == undelivered - len(records) + 1  # and the second visit's own record
