"""The signed documents of a library, and the profile."""

import base64
import json

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from estation_wire import library, profile, stick
from estation_wire.errors import MalformedError, NewerContractError, TooLargeError
from estation_wire.library import Catalogue, Programme, Provisioners
from estation_wire.profile import Profile
from tests.support import wire_values
from tests.support.wire_values import steady


@pytest.mark.parametrize("type_", [Catalogue, Programme, Provisioners, Profile])
def test_a_document_comes_back_as_it_was_published(type_):
    """What the editor signed is what the box shows."""

    @settings(steady, max_examples=25)
    @given(wire_values.of_type(type_))
    def holds(document):
        assert library.decode_document(type_, msgspec.json.encode(document)) == document

    holds()


def test_a_newer_document_is_refused_and_the_old_one_stays():
    """A library for newer boxes is not half understood."""
    with pytest.raises(NewerContractError):
        library.decode_document(Catalogue, b'{"v":2,"version":1,"items":[]}')


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"\xff", b'{"v":1}', b'{"v":1,"version":1,"items":' + b"[" * 5000])
def test_a_broken_document_is_refused_by_its_name(raw):
    """The technician reads which document is wrong."""
    with pytest.raises(MalformedError, match=r"^catalogue: "):
        library.decode_document(Catalogue, raw)


def test_a_document_beyond_reason_is_refused_unread():
    """A stick cannot fill the box's memory."""
    with pytest.raises(TooLargeError, match="catalogue"):
        library.decode_document(Catalogue, bytes(library.DOCUMENT_LIMIT_BYTES + 1))


@pytest.mark.parametrize(
    ("languages", "title"),
    [(("ug-Arab", "en"), "يامغۇر"), (("kk-Arab", "en"), "rain"), (("kk-Arab",), "雨"), ((), "雨")],
)
def test_words_come_in_the_viewers_language_or_the_publishers_first(languages, title):
    """A title is never empty because nobody translated it."""
    assert library.words({"zh-Hans": "雨", "ug-Arab": "يامغۇر", "en": "rain"}, languages) == title


def test_topics_are_the_closed_list_and_describe_no_person():
    """Tags say what a programme is about; no tag says who watches it."""
    assert [topic.value for topic in library.Topic] == [
        "health",
        "epidemic-prevention",
        "food-safety",
        "emergency-preparedness",
        "low-carbon-living",
        "mental-well-being",
        "ecology-and-environment",
        "rural-revitalisation",
        "against-superstition",
        "general-science",
    ]


@steady
@given(
    st.binary(max_size=200), st.lists(st.tuples(st.text(max_size=9), st.binary(max_size=64)), min_size=1, max_size=8)
)
def test_an_envelope_gives_back_payload_and_signatures(payload, signatures):
    """What was signed at the centre is, byte for byte, what the box verifies."""
    raw = profile.encode_envelope(payload, tuple(signatures))
    assert profile.decode_envelope(raw) == (payload, tuple(signatures))


def test_signatures_are_made_over_dsse_pre_authentication_encoding():
    """Any DSSE tool can verify a profile; the example is that of the standard, with our type."""
    assert profile.signed_bytes(b"hello world") == b"DSSEv1 37 application/vnd.estation.profile+json 11 hello world"
    assert len(profile.PAYLOAD_TYPE) == 37


GOOD = {
    "payload": base64.b64encode(b"{}").decode(),
    "payloadType": profile.PAYLOAD_TYPE,
    "signatures": [{"keyid": "k", "sig": "QQ=="}],
}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"payload": "e30"}, "not a signed profile"),
        ({"payload": "e3 0="}, "not a signed profile"),
        ({"payload": "é"}, "not a signed profile"),
        ({"payloadType": "text/plain"}, "'text/plain'"),
        ({"signatures": []}, "not a signed profile"),
        ({"signatures": GOOD["signatures"] * 9}, "not a signed profile"),
        ({"signatures": [{"keyid": "k", "sig": "Q"}]}, "not a signed profile"),
        ({"signatures": [{"sig": "QQ=="}]}, "not a signed profile"),
    ],
)
def test_an_envelope_of_another_form_is_refused(changed, said):
    """A stick with something else under the profile's name changes nothing."""
    with pytest.raises(MalformedError, match=said):
        profile.decode_envelope(json.dumps({**GOOD, **changed}).encode())


def test_an_envelope_beyond_reason_is_refused_unread():
    """A profile is small; whatever is not, is none."""
    with pytest.raises(TooLargeError, match="profile"):
        profile.decode_envelope(bytes(profile.PROFILE_LIMIT_BYTES + 1))


@settings(steady, max_examples=25)
@given(wire_values.of_type(Profile))
def test_a_profile_of_this_version_may_be_applied(value):
    """A box takes the profiles of its own contract, and no newer ones."""
    assert profile.accepted_major(value)
    assert not profile.accepted_major(msgspec.structs.replace(value, v=2))


def test_everything_on_a_stick_lies_under_one_folder():
    """The box opens nothing that belongs to somebody else."""
    places = [
        stick.profile("hall-0007"),
        stick.certificate("hall-0007"),
        stick.returned("hall-0007"),
        stick.content("0" * 64),
        stick.block_list("0" * 64),
        stick.METADATA,
        stick.TARGETS,
        stick.READ_ME,
    ]
    assert all(place.startswith("ESTATION/") and ".." not in place for place in places)
    assert len(set(places)) == len(places)
