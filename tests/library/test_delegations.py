"""Who may speak to whom: counties, townships, emergency desks, and what ends with them."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tuf.api.metadata import DelegatedRole, Delegations

from estation_box.library import said, said_network
from estation_wire.bulletins import BULLETINS_NAME, Bulletins
from estation_wire.delegations import merged, roles_of, together
from estation_wire.library import PROGRAMME_NAME, Catalogue, Item, Playlist, Programme, Rule
from studio import profiles
from studio.delegation import delegate, publish_as, revoke
from studio.errors import StudioError
from studio.keyring import Keyring
from studio.repository import TARGETS_LIFE, Repository
from studio.rotation import rotate
from studio.stick import write_stick
from tests.support.library import NOW, ZONE, Made, make_profile, make_stick
from tests.support.sync_box import Box
from tests.support.trusting import (
    COUNTY,
    TOWNSHIP,
    again,
    bulletin_of,
    bulletins,
    copied,
    programme_of,
    refreshed,
    rules,
)


@pytest.fixture(scope="module")
def publisher(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make_stick(tmp_path_factory.mktemp("publisher"), videos=1, station=None)


@pytest.fixture
def made(publisher: Made, tmp_path) -> Made:
    return copied(publisher, tmp_path / "made")


@pytest.fixture
def box(publisher: Made, tmp_path) -> Box:
    return Box(tmp_path / "box", publisher.root)


def speaks(made: Made, *roles: str) -> None:
    """Each role is a delegate and says one rule, or one emergency bulletin if it is a desk."""
    for role in roles:
        delegate(made.studio, role, now=NOW)
        desk = role.endswith("emergency")
        document = (
            {BULLETINS_NAME: bulletin_of("storm")} if desk else {PROGRAMME_NAME: programme_of(made, "market-day")}
        )
        publish_as(made.studio, role, document, now=NOW)


def test_county_and_township_speak_to_their_own_boxes_only(made: Made, box: Box, tmp_path, publisher):
    """A county's and a township's programme is shown in their halls, and nowhere else."""
    speaks(made, COUNTY, TOWNSHIP, "650102")
    stick = again(made)
    assert refreshed(box, stick, TOWNSHIP) is True
    assert rules(box) == {"weekly", f"{COUNTY}:market-day", f"{TOWNSHIP}:market-day"}
    assert refreshed(box, stick, TOWNSHIP) is False
    other = Box(tmp_path / "other", publisher.root)
    assert refreshed(other, stick, COUNTY) is True
    assert rules(other) == {"weekly", f"{COUNTY}:market-day"}
    bare = Box(tmp_path / "bare", publisher.root)
    assert refreshed(bare, stick, "") is True
    assert rules(bare) == {"weekly"}


def test_a_box_that_becomes_a_station_hears_its_county_at_once(made: Made, box: Box):
    """The same stick, read again after provisioning, brings what the county says."""
    speaks(made, COUNTY)
    stick = again(made)
    assert refreshed(box, stick, "") is True
    assert refreshed(box, stick, COUNTY) is True
    assert f"{COUNTY}:market-day" in rules(box)


def test_a_hall_whose_profile_names_its_township_hears_it(made: Made, box: Box):
    """The profile says the township, and the stick that brings it brings the township's programme as well."""
    speaks(made, COUNTY, TOWNSHIP)
    profiles.sign(made.studio, make_profile(made.authority.pem, region=COUNTY, township=TOWNSHIP))
    write_stick(made.studio, made.stick, profiles=[profiles.path_of(made.studio, "hall-0007")])
    assert box.visit(made.stick).provisioned
    assert rules(box) == {"weekly", f"{COUNTY}:market-day", f"{TOWNSHIP}:market-day"}


def test_only_an_emergency_desk_interrupts(made: Made, box: Box):
    """A county's bulletin is urgent at most; the desks' are emergencies."""
    speaks(made, COUNTY, f"{COUNTY}-emergency", "emergency")
    publish_as(made.studio, COUNTY, {BULLETINS_NAME: bulletin_of("fair")}, now=NOW)
    assert refreshed(box, again(made)) is True
    assert bulletins(box) == {
        f"{COUNTY}:fair": "urgent",
        f"{COUNTY}-emergency:storm": "emergency",
        "emergency:storm": "emergency",
    }


def test_one_key_alone_raises_no_emergency(made: Made):
    """Two people must sign an emergency bulletin: with one key nothing is published."""
    with pytest.raises(StudioError, match="at least 2"):
        delegate(made.studio, "emergency", now=NOW, threshold=1)
    delegate(made.studio, "emergency", now=NOW)
    (made.studio / "keys/emergency-2.pem").unlink()
    with pytest.raises(StudioError, match="do not suffice"):
        publish_as(made.studio, "emergency", {BULLETINS_NAME: bulletin_of("storm")}, now=NOW)


def test_an_emergency_with_one_signature_is_refused_by_the_box(made: Made, box: Box):
    """Where one of the two signatures is missing on the stick, nothing of it is taken."""
    speaks(made, "emergency")
    path = max((again(made) / "ESTATION/library/metadata").glob("*.emergency.json"))
    document = msgspec.json.decode(path.read_bytes())
    document["signatures"].pop()
    path.write_bytes(msgspec.json.encode(document))
    assert refreshed(box, made.stick) == said.UNSIGNED
    assert rules(box) == set()


@pytest.mark.parametrize("what", ["metadata", "document"])
def test_half_of_a_delegate_is_not_taken(made: Made, box: Box, what: str):
    """A stick that lacks what the county signed is refused in whole, and good again when it is whole."""
    speaks(made, COUNTY)
    stick = again(made)
    pattern = f"metadata/*.{COUNTY}.json" if what == "metadata" else f"targets/*.{COUNTY}.programme.json"
    path = max((stick / "ESTATION/library").glob(pattern))
    data = path.read_bytes()
    path.unlink()
    assert refreshed(box, stick) == said.HALF_COPIED
    path.write_bytes(data)
    assert refreshed(box, stick) is True


def test_what_a_delegate_wrote_wrongly_costs_nobody_else(made: Made, box: Box):
    """A county whose document no box can read loses its own hour; the publisher's programme goes on."""
    delegate(made.studio, COUNTY, now=NOW)
    publish_as(made.studio, COUNTY, {PROGRAMME_NAME: b'{"v":1,"rules":7}'}, now=NOW)
    assert refreshed(box, again(made)) is True
    assert rules(box) == {"weekly"}


def test_a_delegate_that_expired_costs_nobody_else(made: Made, box: Box):
    """A county that signed nothing for two years is left out; what the publisher signed lately is taken."""
    speaks(made, COUNTY)
    repository = Repository(made.studio / "repository", Keyring(made.studio / "keys"))
    late = NOW + TARGETS_LIFE
    repository.renew(late)
    assert refreshed(box, again(made), floor=late) is True
    assert rules(box) == {"weekly"}


def test_a_revoked_delegate_is_silent_and_what_it_said_goes(made: Made, box: Box):
    """When the publisher ends a delegation, the county's and its township's rules leave the box."""
    speaks(made, COUNTY, TOWNSHIP)
    assert refreshed(box, again(made), TOWNSHIP) is True
    older = made.stick.with_name("older")
    again(made).rename(older)
    made.stick.mkdir()
    revoke(made.studio, COUNTY, now=NOW)
    assert refreshed(box, again(made), TOWNSHIP) is True
    assert rules(box) == {"weekly"}
    assert refreshed(box, older, TOWNSHIP) == said.OLDER
    delegate(made.studio, COUNTY, now=NOW)
    assert refreshed(box, again(made), TOWNSHIP) is False
    assert rules(box) == {"weekly"}


def test_one_role_of_two_parents_is_refused(made: Made, box: Box):
    """A county cannot name the township of another, nor an emergency desk of its own making, to judge them weaker."""
    speaks(made, COUNTY, "emergency")
    keys = Keyring(made.studio / "keys")
    repository = Repository(made.studio / "repository", keys)
    county = repository.targets(COUNTY)
    thief = keys.signers(COUNTY)[0].public_key
    paths = [f"{COUNTY}.bulletins.json"]
    role = DelegatedRole("emergency", [thief.keyid], 1, terminating=True, paths=paths)
    county.delegations = Delegations({thief.keyid: thief}, {"emergency": role})
    repository.commit({COUNTY: county}, NOW)
    assert refreshed(box, again(made)) == said_network.TWO_PARENTS.about(role="emergency")


def test_a_county_gets_a_second_key(made: Made, box: Box):
    """Delegated again with two signatures, the county keeps its key, gets another one, and both must sign."""
    speaks(made, COUNTY)
    rotate(made.studio, COUNTY, now=NOW)
    delegate(made.studio, COUNTY, now=NOW, threshold=2)
    names = sorted(path.name for path in (made.studio / "keys").glob(f"{COUNTY}-*.pem"))
    assert names == [f"{COUNTY}-2.pem", f"{COUNTY}-3.pem"]
    assert refreshed(box, again(made)) is True
    (made.studio / f"keys/{names[0]}").unlink()
    with pytest.raises(StudioError, match="do not suffice"):
        publish_as(made.studio, COUNTY, {PROGRAMME_NAME: programme_of(made, "fair")}, now=NOW)


def test_names_that_mean_nothing_are_no_delegates(made: Made):
    """The studio refuses a role that no box would ever look up, one that is none, and one without its county."""
    for role in ("kashgar", "6531", "targets"):
        with pytest.raises(StudioError, match="name a county"):
            delegate(made.studio, role, now=NOW)
    with pytest.raises(StudioError, match="delegate to 653101 first"):
        delegate(made.studio, TOWNSHIP, now=NOW)
    with pytest.raises(StudioError, match="no delegate"):
        revoke(made.studio, COUNTY, now=NOW)
    with pytest.raises(StudioError, match="no delegate"):
        publish_as(made.studio, COUNTY, {}, now=NOW)


def test_the_publisher_publishes_on_beside_its_delegates(made: Made, box: Box):
    """A new library of the publisher keeps the counties' delegations and what they said."""
    speaks(made, COUNTY)
    repository = Repository(made.studio / "repository", Keyring(made.studio / "keys"))
    names = repository.targets("targets").targets
    documents = {name: repository.document(name) for name in names}
    assert repository.publish(documents, NOW) is False
    changed = documents[PROGRAMME_NAME].replace(b'"weekly"', b'"monthly"')
    assert repository.publish({**documents, PROGRAMME_NAME: changed}, NOW) is True
    assert refreshed(box, again(made)) is True
    assert rules(box) == {"monthly", f"{COUNTY}:market-day"}


def test_roles_of_a_place():
    """A bare box hears the emergency desk; a county's box its county and its desk; a township's box its township."""
    assert roles_of("") == ("emergency",)
    assert roles_of("653101") == ("emergency", "653101", "653101-emergency")
    assert roles_of("653101102") == ("emergency", "653101", "653101-emergency", "653101102")


@given(
    st.dictionaries(st.text(max_size=3), st.text(max_size=3)), st.dictionaries(st.text(max_size=3), st.text(max_size=3))
)
def test_another_set_of_parts_is_another_digest(one: dict[str, str], other: dict[str, str]):
    """Whenever delegates or what they signed differ, the box sees that the document changed."""
    lines = [{name: digest for name, digest in parts.items() if "\n" not in name + digest} for parts in (one, other)]
    if {f"{a} {b}" for a, b in lines[0].items()} != {f"{a} {b}" for a, b in lines[1].items()}:
        assert together("own", lines[0]) != together("own", lines[1])


def test_together_the_publishers_own_wins_and_nothing_grows_without_end():
    """Two rules of one name: the publisher's counts; beyond the wire's limit the delegates' are left out."""
    event = "BEGIN:VEVENT\r\nEND:VEVENT"
    many = tuple(Rule(id=f"r{number}", event=event, timezone=ZONE, playlist="own") for number in range(1500))
    own = Programme(v=1, version=3, rules=many)
    part = Programme(v=1, version=9, rules=many, playlists=(Playlist(id="own", contents=("a" * 64,)),))
    both = merged(own, [(COUNTY, part)])
    assert (len(both.rules), both.version, both.rules[0].id) == (2000, 3, "r0")
    assert both.rules[1500].id == f"{COUNTY}:r0"
    assert both.rules[1500].playlist == both.playlists[0].id == f"{COUNTY}:own"
    empty = Catalogue(v=1, version=1, items=())
    assert merged(empty, [(COUNTY, empty)]) == empty
    assert merged(Bulletins(v=1, version=1, bulletins=()), []).bulletins == ()


def test_a_delegate_recalls_what_it_offers_itself_and_the_publisher_recalls_anything():
    """A county cannot take the publisher's film off its halls; what the publisher recalls, no county offers again."""

    def film(name: str) -> Item:
        return Item(id=name * 64, size=1, kind="video", titles={"en": name}, seconds=1.0, topic="health")

    own = Catalogue(v=1, version=1, items=(film("a"), film("b")), recalled=("b" * 64, "d" * 64))
    county = Catalogue(v=1, version=1, items=(film("c"), film("d"), film("e")), recalled=("a" * 64, "c" * 64))
    township = Catalogue(v=1, version=1, items=(film("f"),), recalled=("e" * 64,))
    both = merged(own, [(COUNTY, county), (TOWNSHIP, township)])
    assert [item.id[0] for item in both.items] == ["a", "e", "f"]
    assert [content[0] for content in both.recalled] == ["b", "d", "c"]
    many = tuple(f"{number:064x}" for number in range(10_000))
    assert len(merged(msgspec.structs.replace(own, recalled=many), [(COUNTY, county)]).recalled) == 10_000
