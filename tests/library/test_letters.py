"""A bulletin by command: who may speak to a hall without waiting for the next stick, and who may not."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from estation_box.drivers.ed25519 import signed_by
from estation_box.drivers.library_writer import LibraryWriter
from estation_box.library.letters import judge
from estation_wire import bulletin_letter
from estation_wire.audience import Place
from estation_wire.bulletin_letter import Letter
from estation_wire.bulletins import BULLETINS_NAME, Bulletin
from estation_wire.voices import LetterRefusedError
from studio import command, letters
from studio.delegation import delegate, publish_as, revoke
from studio.keyring import Keyring
from tests.support.library import NOW, Made, make_stick
from tests.support.sync_box import Box
from tests.support.trusting import COUNTY, again, bulletin_of, copied, refreshed

DESK = f"{COUNTY}-emergency"
HALL = Place(kind="village", region=COUNTY)
LISTED = """
name = "县应急局"
[[bulletins]]
id = "flood"
priority = "emergency"
titles = { zh-Hans = "洪水" }
issued = 2026-01-01T00:00:00Z
"""


@pytest.fixture(scope="module")
def publisher(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make_stick(tmp_path_factory.mktemp("publisher"), videos=1, station=None)


@pytest.fixture
def made(publisher: Made, tmp_path) -> Made:
    made = copied(publisher, tmp_path / "made")
    for role in (COUNTY, DESK):
        delegate(made.studio, role, now=NOW)
    publish_as(made.studio, DESK, {BULLETINS_NAME: bulletin_of("storm")}, now=NOW)
    return made


@pytest.fixture
def box(publisher: Made, made: Made, tmp_path) -> Box:
    box = Box(tmp_path / "box", publisher.root)
    refreshed(box, again(made), COUNTY)
    return box


def voices(box: Box):
    with LibraryWriter(box.state / "library.db") as books:
        return books.voices()


def letter(made: Made, folder: Path, role: str = DESK, text: str = LISTED) -> bytes:
    folder.mkdir(exist_ok=True)
    (folder / "library.toml").write_text(text, encoding="utf-8")
    return letters.sign(made.studio, folder, "flood", role).path.read_bytes()


def test_the_desks_letter_is_shown_and_interrupts(made, box, tmp_path):
    shown = judge(letter(made, tmp_path / "desk"), voices(box), HALL, NOW, signed_by).bulletin
    assert (shown.id, shown.priority) == (f"{DESK}:flood", "emergency")


def test_a_county_may_speak_and_interrupts_nobody(made, box, tmp_path):
    shown = judge(letter(made, tmp_path / "county", COUNTY), voices(box), HALL, NOW, signed_by).bulletin
    assert shown.priority == "urgent"


def test_one_signature_of_two_is_not_enough_and_two_of_one_key_are_one(made, box, tmp_path):
    """Nobody interrupts a hall alone, however often he signs."""
    payload, signatures = bulletin_letter.open_envelope(letter(made, tmp_path / "desk"))
    for given in (signatures[:1], (signatures[0], signatures[0])):
        with pytest.raises(LetterRefusedError, match="signed by 1 of the 2"):
            judge(bulletin_letter.seal(payload, given), voices(box), HALL, NOW, signed_by)


def test_no_word_of_it_can_be_changed_and_no_other_role_be_put_in(made, box, tmp_path):
    payload, signatures = bulletin_letter.open_envelope(letter(made, tmp_path / "county", COUNTY))
    for changed in (payload.replace("洪水".encode(), "地震".encode()), payload.replace(COUNTY.encode(), DESK.encode())):
        with pytest.raises(LetterRefusedError, match="signed by 0"):
            judge(bulletin_letter.seal(changed, signatures), voices(box), HALL, NOW, signed_by)


def test_who_is_not_delegated_here_is_refused_by_name(made, box, tmp_path):
    """Another county's desk, a role that was revoked, and a box that knows no library yet."""
    other = "650102-emergency"
    delegate(made.studio, "650102", now=NOW)
    delegate(made.studio, other, now=NOW)
    with pytest.raises(LetterRefusedError, match=other):
        judge(letter(made, tmp_path / "other", other), voices(box), HALL, NOW, signed_by)
    raw = letter(made, tmp_path / "desk")
    with pytest.raises(LetterRefusedError, match="does not speak"):
        judge(raw, (), HALL, NOW, signed_by)
    revoke(made.studio, DESK, now=NOW + timedelta(hours=1))
    refreshed(box, again(made), COUNTY)
    with pytest.raises(LetterRefusedError, match="does not speak"):
        judge(raw, voices(box), HALL, NOW, signed_by)


def test_what_is_over_or_meant_for_others_is_not_shown(made, box, tmp_path):
    over = LISTED + "not_after = 2026-01-02T00:00:00Z\n"
    with pytest.raises(LetterRefusedError, match="it was over"):
        judge(letter(made, tmp_path / "over", text=over), voices(box), HALL, NOW, signed_by)
    schools = LISTED + 'audience = { kinds = ["school"] }\n'
    with pytest.raises(LetterRefusedError, match="not meant"):
        judge(letter(made, tmp_path / "school", text=schools), voices(box), HALL, NOW, signed_by)


@pytest.mark.parametrize("raw", [b"", b"{}", b"[]", b"\xff", b'{"payload":"e30="}', b"x" * 70_000])
def test_what_is_no_letter_is_refused_in_words(raw):
    with pytest.raises(LetterRefusedError, match="bulletin"):
        judge(raw, (), HALL, NOW, signed_by)


def test_two_people_sign_one_after_the_other_on_machines_of_their_own(made, box, tmp_path):
    keys = Keyring(made.studio / "keys")
    first, second = keys.paths(DESK)
    aside = tmp_path / second.name
    second.rename(aside)
    one = letters.sign(made.studio, _listed(tmp_path), "flood", DESK)
    assert (one.signatures, one.needed) == (1, 2)
    aside.rename(second)
    first.rename(tmp_path / first.name)
    two = letters.sign(made.studio, _listed(tmp_path), "flood", DESK)
    assert two.signatures == 2
    assert judge(two.path.read_bytes(), voices(box), HALL, NOW, signed_by).bulletin.priority == "emergency"


def test_the_keys_are_kept_as_the_library_says_them_and_told_anew_when_they_change(made, box):
    """A rotated key is known after the next look at the library, without a new document."""
    before = voices(box)
    assert {voice.role for voice in before} == {COUNTY, DESK}
    assert all(len(bytes.fromhex(key)) == 32 for voice in before for key in voice.keys.values())
    from studio.rotation import rotate  # noqa: PLC0415

    rotate(made.studio, DESK, now=NOW + timedelta(hours=1))
    refreshed(box, again(made), COUNTY)
    assert voices(box) != before
    assert msgspec.json.encode(voices(box))


def test_a_draft_of_the_centre_is_read_before_it_is_signed(made, box, tmp_path, capsys):
    """Whoever signs sees each word first; two people sign the same file, and it is shown; so is the end of it."""
    drafted = Bulletin(
        id="storm-9", priority="emergency", titles={"zh-Hans": "沙尘暴"}, texts={"zh-Hans": "关好门窗。"}, issued=NOW
    )
    keys = Keyring(made.studio / "keys").paths(DESK)
    for ends in (False, True):
        told = replace(drafted, not_after=NOW) if ends else drafted
        path = tmp_path / "draft.json"
        path.write_bytes(msgspec.json.encode(Letter(v=1, role=DESK, bulletin=told, ends=ends)))
        assert command.main(["sign-letter", str(made.studio), str(path)]) == 0
        said = capsys.readouterr().out
        assert ("关好门窗。" in said, "RECALL" in said, "--yes" in said) == (True, ends, True)
        for key, other in (keys, keys[::-1]):
            aside = other.rename(tmp_path / other.name)
            done = command.main(["sign-letter", str(made.studio), str(path), "--yes"])
            aside.rename(other)
            assert done == (1 if key == keys[0] else 0)
            path = made.studio / "letters" / f"{DESK}.storm-9{'.end' if ends else ''}.json"
        word = judge(path.read_bytes(), voices(box), HALL, NOW + timedelta(days=1), signed_by)
        assert (word.bulletin.id, word.ends) == (f"{DESK}:storm-9", ends)
    for raw in (b"{}", b"x" * 70_000, msgspec.json.encode(Letter(v=1, role="nobody", bulletin=drafted))):
        path.write_bytes(raw)
        assert command.main(["sign-letter", str(made.studio), str(path), "--yes"]) == 1
        assert capsys.readouterr().err.startswith("estation-studio: ")


def _listed(folder: Path) -> Path:
    source = folder / "source"
    source.mkdir(exist_ok=True)
    (source / "library.toml").write_text(LISTED, encoding="utf-8")
    return source
