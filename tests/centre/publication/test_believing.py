"""The library at the centre: verified like in a box, with the documents and the keys that a place would have."""

from __future__ import annotations

import shutil
from argparse import Namespace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from estation_central import believing
from estation_central.settings import CentreSettings
from estation_wire.bulletins import BULLETINS_NAME
from estation_wire.library import CATALOGUE_NAME, PROGRAMME_NAME, Catalogue, Programme, decode_document
from studio.delegation import delegate, publish_as, revoke
from studio.keyring import Keyring
from studio.repository import Repository
from tests.support.library import Made, make_stick
from tests.support.sync_box import Box
from tests.support.trusting import COUNTY, again, bulletin_of, programme_of, refreshed, rules

DESK = f"{COUNTY}-emergency"
NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A publisher with a county and its emergency desk."""
    made = make_stick(tmp_path_factory.mktemp("publisher"), videos=1, station=None, now=NOW)
    for role in (COUNTY, DESK):
        delegate(made.studio, role, now=NOW)
    publish_as(made.studio, COUNTY, {PROGRAMME_NAME: programme_of(made, "county")}, now=NOW)
    publish_as(made.studio, DESK, {BULLETINS_NAME: bulletin_of("storm")}, now=NOW)
    return made


def take(library: Path, state: Path, root: Path | None = None) -> int:
    """``estation-central library``."""
    return believing.run(Namespace(library=library, root=root), CentreSettings(state=state))


def test_a_place_has_the_same_programme_here_as_in_its_box(made, django, tmp_path, capsys):
    """The county's own rule is in it for its halls and for nobody else; topics are known; keys are the public ones."""
    from estation_central.compliance.models import ItemTopic  # noqa: PLC0415 (models want Django set up)
    from estation_central.publication import library  # noqa: PLC0415

    repository = made.studio / "repository"
    assert take(repository, tmp_path) == 2
    assert "--root" in capsys.readouterr().err
    assert take(repository, tmp_path, made.root) == 0
    assert f"{COUNTY}, {DESK}" in capsys.readouterr().out
    box = Box(tmp_path / "box", made.root)
    refreshed(box, again(made), COUNTY)
    assert {rule.id for rule in library.document(Programme, COUNTY).rules} == rules(box)
    assert f"{COUNTY}:county" in rules(box)
    assert f"{COUNTY}:county" not in {rule.id for rule in library.document(Programme, "650102").rules}
    items = decode_document(
        Catalogue, Repository(repository, Keyring(made.studio / "keys")).document(CATALOGUE_NAME)
    ).items
    known = dict(ItemTopic.objects.filter(content__in=[item.id for item in items]).values_list("content", "topic"))
    assert known == {item.id: str(item.topic) for item in items} != {}
    desk = next(voice for voice in library.voices() if voice.role == DESK)
    assert (desk.threshold, len(desk.keys), {len(bytes.fromhex(key)) for key in desk.keys.values()}) == (2, 2, {32})
    assert library.voices(["nobody"]) == ()
    private = [path.read_bytes() for path in (made.studio / "keys").glob("*.pem")]
    kept = b"".join(path.read_bytes() for path in (tmp_path / "library").rglob("*") if path.is_file())
    assert not any(key in kept for key in private)


def test_what_is_not_the_publishers_is_not_taken_and_changes_nothing(made, django, tmp_path, capsys):
    """A changed document, another publisher, an older library and an empty folder: each is refused in words."""
    from estation_central.publication import library  # noqa: PLC0415 (models want Django set up)

    old = shutil.copytree(made.studio / "repository", tmp_path / "old")
    assert take(old, tmp_path / "state", made.root) == 0
    before = library.document(Programme, COUNTY)
    revoke(made.studio, DESK, now=NOW)
    assert take(made.studio / "repository", tmp_path / "state", made.root) == 0
    assert [voice.role for voice in library.voices()] == [COUNTY]
    changed = shutil.copytree(made.studio / "repository", tmp_path / "changed")
    for path in (changed / "targets").glob(f"*.{PROGRAMME_NAME}"):
        path.write_bytes(path.read_bytes().replace(b"FREQ=WEEKLY", b"FREQ=HOURLY"))
    other = make_stick(tmp_path / "other", videos=1, station=None, now=NOW)
    capsys.readouterr()
    for folder, root in ((old, None), (changed, None), (other.studio / "repository", None), (tmp_path, None)):
        assert take(folder, tmp_path / "state", root) == 2, folder
        assert "name the studio's folder `repository`" in capsys.readouterr().err
    assert take(other.studio / "repository", tmp_path / "state", other.root) == 2
    assert "another root" in capsys.readouterr().err
    assert library.document(Programme, COUNTY) == before
    assert [voice.role for voice in library.voices()] == [COUNTY]
