"""Two persons sign what both have read: drafts are prepared, signed one by one, and published by the last signature."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from tuf.api.metadata import Metadata, Root, Targets

from studio import command
from studio.errors import StudioError
from studio.preparing import FOLDER, prepare, sign, waiting
from studio.publishing import init, publish
from tests.studio.test_studio import documents
from tests.support.library import NOW, make_authority, make_profile, make_video, wall, write_source

SOON = wall(NOW + timedelta(minutes=30))
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def studio(tmp_path: Path) -> Path:
    """A studio in which two of two must sign."""
    init(tmp_path / "studio", now=NOW, threshold=2)
    return tmp_path / "studio"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    folder.mkdir()
    for number in range(2):
        make_video(folder / f"video-{number}.mp4", pattern=number)
    listed(folder)
    return folder


def listed(folder: Path, **changes: object) -> None:
    write_source(folder, videos=2, start=SOON, **changes)
    text = (folder / "library.toml").read_text(encoding="utf-8")
    papers = 'counts = true\ncredit = "科协"\nlicence = "CC BY 4.0"\nfact_checked = 2026-10-01\n'
    (folder / "library.toml").write_text(text.replace("counts = true\n", papers), encoding="utf-8")


def test_the_second_signature_publishes_and_the_first_does_not(studio: Path, source: Path):
    """After one signature nothing has changed for any box; after the second it is published, signed by both."""
    prepare(studio, source, now=NOW)
    first = sign(studio, "1", now=NOW)
    assert (first.signatures, first.threshold, first.published) == (1, 2, False)
    assert not (studio / "repository/metadata/timestamp.json").exists()
    assert waiting(studio) == first._replace(summary=(studio / FOLDER / "summary.txt").read_text())
    assert sign(studio, "2", now=LATER).published
    assert waiting(studio) is None
    assert len(documents(studio)[0].items) == 2
    signed = Metadata[Targets].from_file(str(studio / "repository/metadata/1.targets.json"))
    root = Metadata[Root].from_file(str(studio / "root.json")).signed
    root.verify_delegate("targets", signed.signed_bytes, signed.signatures)


def test_the_same_person_twice_is_one_signature(studio: Path, source: Path):
    """Nobody is two persons."""
    prepare(studio, source, now=NOW)
    sign(studio, "1", now=NOW)
    assert sign(studio, "1", now=LATER).signatures == 1


def test_the_second_key_need_not_be_where_the_first_is(studio: Path, source: Path):
    """Each person signs with the own key alone at hand: the other's key lies in another house."""
    prepare(studio, source, now=NOW)
    second = (studio / "keys/targets-2.pem").read_bytes()
    (studio / "keys/targets-2.pem").unlink()
    sign(studio, "1", now=NOW)
    (studio / "keys/targets-1.pem").unlink()
    (studio / "keys/targets-2.pem").write_bytes(second)
    assert sign(studio, "2", now=LATER).published


def test_the_summary_says_what_changes_and_what_the_halls_will_show(studio: Path, source: Path):
    """Who signs reads titles, what is new, changed and gone, and the sessions of the fortnight."""
    _, summary = prepare(studio, source, now=NOW)
    assert "new film: 节目0 (video, 0.0 min" in summary
    assert "new rule: weekly" in summary
    assert summary.count("节目1、节目0") == 2
    sign(studio, "1", now=NOW)
    sign(studio, "2", now=NOW)
    listed(source, title="Better")
    text = (source / "library.toml").read_text(encoding="utf-8").replace('"video-1","video-0"', '"video-1"')
    text += '[[closed]]\nweek = "2026-W49"\nreason = "节日"\n'
    (source / "library.toml").write_text(text, encoding="utf-8")
    profile = make_profile(make_authority().pem)
    _, summary = prepare(studio, source, now=NOW, profile=profile)
    assert "changed film: 节目0" in summary
    assert "changed rule: weekly" in summary
    assert "closed week: 2026-W49 (节日)" in summary
    assert "the site is closed" in summary
    assert profile.name in summary


def test_what_was_altered_after_it_was_prepared_is_not_signed(studio: Path, source: Path):
    """A document that is not the one of the summary, a stranger's key, or a publication in between: refused."""
    with pytest.raises(StudioError, match="prepare"):
        sign(studio, "1", now=NOW)
    prepare(studio, source, now=NOW)
    with pytest.raises(StudioError, match="no key of nobody"):
        sign(studio, "nobody", now=NOW)
    (studio / "keys/targets-9.pem").write_bytes((studio / "keys/snapshot-1.pem").read_bytes())
    with pytest.raises(StudioError, match="none of the keys"):
        sign(studio, "9", now=NOW)
    sign(studio, "1", now=NOW)
    catalogue = studio / FOLDER / "catalogue.json"
    good = catalogue.read_bytes()
    catalogue.write_bytes(good.replace(b"Video", b"Bideo"))
    with pytest.raises(StudioError, match="nothing is prepared that could be signed"):
        sign(studio, "2", now=NOW)
    catalogue.write_bytes(good)
    (studio / "keys/targets-9.pem").unlink()
    publish(studio, source, now=LATER)
    with pytest.raises(StudioError, match="published since"):
        sign(studio, "2", now=LATER)


def test_papers_are_asked_for_before_anybody_signs(studio: Path, source: Path):
    """What counts for the weekly minimum names its licence and its maker, and was looked at by somebody lately."""
    write_source(source, videos=2, start=SOON)
    with pytest.raises(StudioError, match="licence"):
        prepare(studio, source, now=NOW)
    listed(source)
    with pytest.raises(StudioError, match="checked on 2026-10-01"):
        prepare(studio, source, now=NOW + timedelta(days=4 * 365))
    with pytest.raises(StudioError, match="still to come"):
        prepare(studio, source, now=NOW - timedelta(days=100))


def test_the_command_prepares_signs_and_publishes(tmp_path: Path, source: Path, capsys: pytest.CaptureFixture[str]):
    """Three commands; after the last there is nothing left to sign."""
    studio = str(tmp_path / "two")
    command.main(["init", studio, "--threshold", "2"])
    assert command.main(["prepare", studio, str(source)]) == 0
    assert "new film" in capsys.readouterr().out
    assert command.main(["sign", studio, "--as", "1"]) == 0
    assert "1 of 2 signatures" in capsys.readouterr().out
    assert command.main(["sign", studio, "--as", "2"]) == 0
    assert "published" in capsys.readouterr().out
    assert command.main(["prepare", studio, str(source)]) == 1
    assert "nothing is new" in capsys.readouterr().err
