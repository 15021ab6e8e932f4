"""Hostile sticks by what the documents say: names that lead away, bombs of JSON, too much of everything."""

from __future__ import annotations

import shutil
from collections.abc import Callable

import msgspec
from tuf.api.metadata import DelegatedRole, Delegations

from estation_box.drivers.tuf import METADATA_LIMIT_BYTES
from estation_box.library import said
from estation_wire import stick as layout
from estation_wire.blocks import content_id, digest
from estation_wire.library import DOCUMENT_LIMIT_BYTES
from estation_wire.profile import encode_envelope, signed_bytes
from studio import profiles
from studio.keyring import PROVISIONER, Keyring
from studio.publishing import init, publish
from studio.stick import write_stick
from tests.library.hostile.scene import STATION, TARGETS, TIMESTAMP, Attack, Scene, changed
from tests.support.library import NOW, make_profile

NESTED = 100_000
MANY = 10_000
BAD_IDS = ("../../../../etc/passwd", "/etc/passwd", "..", "a\0b", "x" * 10_000, "A" * 64, "a" * 63 + "\n")


def the_catalogue_names_a_way_out(scene: Scene) -> None:
    """Tries, with the publisher's stolen keys, to have the box open and write names that lead off the stick."""
    catalogue = scene.documents()["catalogue.json"]
    first, *rest = msgspec.json.decode(catalogue)["items"]
    items = [*({**first, "id": name} for name in BAD_IDS), *rest]
    scene.publish(catalogue=changed(catalogue, version=2, items=items))


def the_programme_names_a_way_out(scene: Scene) -> None:
    """Tries the same in the programme's rules."""
    programme = scene.documents()["programme.json"]
    first, *rest = msgspec.json.decode(programme)["rules"]
    scene.publish(programme=changed(programme, version=2, rules=[{**first, "contents": list(BAD_IDS)}, *rest]))


def the_profile_names_a_way_out(scene: Scene) -> None:
    """Tries, with the association's stolen key, to have the box leave its receipt outside the stick."""
    resigned(scene, lambda payload: changed(payload, station="../../../outside"))


def resigned(scene: Scene, change: Callable[[bytes], bytes]) -> None:
    """The profile's payload changed, and signed by the association itself."""
    key = Keyring(scene.made.studio / "keys").keys(PROVISIONER)[0]
    payload = change(msgspec.json.encode(make_profile(scene.made.authority.pem)))
    signature = key.sign(signed_bytes(payload))
    scene.profile.write_bytes(encode_envelope(payload, (("x", signature),)))


def a_timestamp_nested_without_end(scene: Scene) -> None:
    """Tries to use up the stack of whoever reads the metadata."""
    scene.at(TIMESTAMP).write_bytes(b'{"signed":' + b"[" * NESTED)


def a_timestamp_with_numbers_of_many_digits(scene: Scene) -> None:
    """Tries numbers that take hours to read."""
    raw = scene.at(TIMESTAMP).read_bytes()
    scene.at(TIMESTAMP).write_bytes(raw.replace(b'"version":1', b'"version":' + b"9" * 2_000_000, 1))


def a_timestamp_with_keys_twice(scene: Scene) -> None:
    """Tries the same key twice, the second time with another value than was signed."""
    raw = scene.at(TIMESTAMP).read_bytes()
    scene.at(TIMESTAMP).write_bytes(raw.replace(b'"version":1', b'"version":1,"version":7', 1))


def a_timestamp_of_one_long_word(scene: Scene) -> None:
    """Tries a word of eight megabytes where a name is expected."""
    raw = scene.at(TIMESTAMP).read_bytes()
    scene.at(TIMESTAMP).write_bytes(raw.replace(b'"keyid":"', b'"keyid":"' + b"a" * 2**23, 1))


def a_timestamp_that_is_no_number(scene: Scene) -> None:
    """Tries NaN and Infinity, which some readers of JSON take."""
    raw = scene.at(TIMESTAMP).read_bytes()
    scene.at(TIMESTAMP).write_bytes(raw.replace(b'"version":1', b'"version":NaN', 1))


def a_timestamp_in_another_encoding(scene: Scene) -> None:
    """Tries the right words in UTF-16."""
    scene.at(TIMESTAMP).write_bytes(scene.at(TIMESTAMP).read_bytes().decode().encode("utf-16"))


def ten_thousand_signatures_of_strangers(scene: Scene) -> None:
    """Tries to keep the box checking signatures."""
    signatures(scene, TARGETS, lambda number: f"{number:064x}")


def a_thousand_signatures_of_strangers(scene: Scene) -> None:
    """Tries the same with fewer: signatures of unknown keys are not even looked at."""
    signatures(scene, TARGETS, lambda number: f"{number:064x}", MANY // 10)


def a_timestamp_full_of_signatures(scene: Scene) -> None:
    """Tries the same where a file has to be small: it is not read beyond that."""
    signatures(scene, TIMESTAMP, lambda number: f"{number:064x}")


def ten_thousand_times_the_same_signature(scene: Scene) -> None:
    """Tries to make up a threshold by one key's signature many times."""
    signatures(scene, TARGETS, lambda _: "a" * 64)


def signatures(scene: Scene, file: str, name: Callable[[int], str], count: int = MANY) -> None:
    path = scene.at(file)
    raw = msgspec.json.decode(path.read_bytes())
    raw["signatures"] += [{"keyid": name(number), "sig": "00" * 64} for number in range(count)]
    path.write_bytes(msgspec.json.encode(raw))


def ten_thousand_delegates(scene: Scene) -> None:
    """Tries, with the publisher's stolen keys, to keep the box looking through delegates."""
    delegated(scene, [f"{number:06}" for number in range(MANY)])


def delegated(scene: Scene, names: list[str]) -> None:
    """Roles of these names, each for everything that a box looks for, in the publisher's own metadata."""

    def delegate(metadata) -> None:
        key = Keyring(scene.made.studio / "keys").signers("targets")[0].public_key
        paths = ["653101.*", "emergency.*", "653101-emergency.*"]
        roles = {name: DelegatedRole(name, [key.keyid], 1, terminating=False, paths=paths) for name in names}
        metadata.signed.delegations = Delegations({key.keyid: key}, roles)

    scene.resigned("1.targets.json", "targets", delegate)


def a_delegate_whose_name_leads_away(scene: Scene) -> None:
    """Tries, with the publisher's stolen keys, to have metadata read and kept under a name that leads away."""
    delegated(scene, ["../../../../outside/secret"])


def metadata_of_empty_heaps(scene: Scene) -> None:
    """Tries to fill the box's memory, without any key: a file just below its limit, of nothing but empty lists."""
    head, tail = b'{"signed":{"_type":"targets","x":[', b'[]]},"signatures":[]}'
    scene.at(TARGETS).write_bytes(head + b"[]," * ((METADATA_LIMIT_BYTES - len(head + tail)) // 3) + tail)


def metadata_of_one_wide_word(scene: Scene) -> None:
    """Tries the same with one long word, in which a single letter needs four bytes."""
    head, tail = b'{"signed":{"_type":"targets","x":"', '\U0001f4a3"},"signatures":[]}'.encode()
    scene.at(TARGETS).write_bytes(head + b"a" * (METADATA_LIMIT_BYTES - len(head + tail)) + tail)


def a_catalogue_nested_without_end(scene: Scene) -> None:
    """Tries the stack again, in a document that the publisher's stolen keys signed."""
    raw = scene.documents()["catalogue.json"]
    scene.publish(catalogue=raw[:-1] + b',"later":' + b"[" * NESTED + b"]" * NESTED + b"}")


def a_catalogue_above_its_limit(scene: Scene) -> None:
    """Tries a signed document that is larger than any may be."""
    scene.publish(catalogue=scene.documents()["catalogue.json"] + b" " * DOCUMENT_LIMIT_BYTES)


def a_profile_nested_without_end(scene: Scene) -> None:
    """Tries the stack again, where nothing is signed yet."""
    scene.profile.write_bytes(b'{"payload":' + b'{"a":' * 10_000)


def a_profile_with_a_thousand_signatures(scene: Scene) -> None:
    """Tries to keep the box checking signatures of a profile."""
    raw = msgspec.json.decode(scene.profile.read_bytes())
    scene.profile.write_bytes(msgspec.json.encode({**raw, "signatures": raw["signatures"] * 100}))


def block_lists_of_the_wrong_length(scene: Scene) -> None:
    """Tries a block list that is too long, and one that is empty."""
    first, second = (scene.at(layout.block_list(film)) for film in scene.films)
    first.write_bytes(first.read_bytes() + bytes(32))
    second.write_bytes(b"")


def the_block_list_of_another_film(scene: Scene) -> None:
    """Tries one film's bytes and blocks under another film's signed name."""
    first, second = scene.films
    for where in (layout.content, layout.block_list):
        shutil.copyfile(scene.at(where(first)), scene.at(where(second)))


def a_film_that_is_none(scene: Scene) -> None:
    """Tries a page of a web site with the right length, blocks and signature, in a film's place."""
    text = b"<!DOCTYPE html><script>location='http://example.org'</script>\n" * 100
    blocks = digest(text)
    identity = content_id(blocks)
    catalogue = scene.documents()["catalogue.json"]
    first, *rest = msgspec.json.decode(catalogue)["items"]
    repository = scene.made.studio / "repository"
    (repository / "content" / identity).write_bytes(text)
    (repository / "blocks" / identity).write_bytes(blocks)
    items = [{**first, "id": identity, "size": len(text)}, *rest]
    scene.publish(catalogue=changed(catalogue, version=2, items=items))


def another_publishers_key(scene: Scene) -> None:
    """Tries a whole library of somebody else, with profiles of theirs."""
    stranger = scene.made.studio.with_name("stranger")
    init(stranger, now=NOW)
    publish(stranger, scene.made.source, now=NOW)
    profiles.sign(stranger, make_profile(scene.made.authority.pem))
    shutil.rmtree(scene.root)
    write_stick(stranger, scene.stick, profiles=[profiles.path_of(stranger, STATION)])


def receipts_of_strange_times(scene: Scene) -> None:
    """Tries receipts of other boxes whose dates no calendar can mean, beside several profiles to choose from."""
    times = ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59")
    for number, at in enumerate(times):
        station = f"room-{number:02}"
        envelope = profiles.sign(scene.made.studio, make_profile(scene.made.authority.pem, station))
        scene.at(layout.profile(station)).write_bytes(envelope)
        folder = scene.at(layout.returned(station))
        folder.mkdir(parents=True)
        receipt = {"v": 1, "station": station, "at": at, "epoch": 1, "lines": []}
        (folder / layout.RECEIPT).write_bytes(msgspec.json.encode(receipt))


def receipts_that_are_bombs(scene: Scene) -> None:
    """Tries a receipt of the box's own name that is nested, or that somebody else wrote."""
    folder = scene.at(layout.returned(STATION))
    folder.mkdir(parents=True)
    (folder / layout.RECEIPT).write_bytes(b'{"v":1,"later":' + b"[" * 60_000)


def reports_of_a_stranger(scene: Scene) -> None:
    """Tries reports and pages in the station's folder that no box wrote: they are neither read nor removed."""
    folder = scene.at(layout.reports(STATION))
    folder.mkdir(parents=True)
    (folder / f"{'a' * 32}-1.report").write_bytes(b"{}\nAAAA\n{}\n")
    (folder / "..report").write_bytes(b"\0" * 1000)


def words_that_are_markup(scene: Scene) -> None:
    """Tries, with the publisher's stolen keys, titles that would run a script on the receipt's page."""
    catalogue = scene.documents()["catalogue.json"]
    items = msgspec.json.decode(catalogue)["items"]
    for item in items:
        item["titles"] = {"zh-Hans": "<script>alert(1)</script>{x}$y%s", "en": "\u202e<img src=x onerror=alert(1)>"}
    scene.publish(catalogue=changed(catalogue, version=2, items=items))
    scene.film.write_bytes(b"x")


DOCUMENTS = (
    Attack(the_catalogue_names_a_way_out, said.HALF_COPIED, takes=False),
    Attack(the_programme_names_a_way_out, said.HALF_COPIED, takes=False),
    Attack(the_profile_names_a_way_out, said.PROFILE_BROKEN, takes=False),
    Attack(a_timestamp_nested_without_end, said.HALF_COPIED, takes=False),
    Attack(a_timestamp_with_numbers_of_many_digits, said.HALF_COPIED, takes=False),
    Attack(a_timestamp_with_keys_twice, said.UNSIGNED, takes=False),
    Attack(a_timestamp_of_one_long_word, said.HALF_COPIED, takes=False),
    Attack(a_timestamp_that_is_no_number, said.HALF_COPIED, takes=False),
    Attack(a_timestamp_in_another_encoding, said.HALF_COPIED, takes=False),
    Attack(ten_thousand_signatures_of_strangers, said.HALF_COPIED, takes=False),
    Attack(a_thousand_signatures_of_strangers, None),
    Attack(a_timestamp_full_of_signatures, said.HALF_COPIED, takes=False),
    Attack(ten_thousand_times_the_same_signature, said.HALF_COPIED, takes=False),
    Attack(ten_thousand_delegates, said.HALF_COPIED, takes=False),
    Attack(a_delegate_whose_name_leads_away, said.HALF_COPIED, takes=False),
    Attack(metadata_of_empty_heaps, said.HALF_COPIED, takes=False),
    Attack(metadata_of_one_wide_word, said.HALF_COPIED, takes=False),
    Attack(a_catalogue_nested_without_end, said.HALF_COPIED, takes=False),
    Attack(a_catalogue_above_its_limit, said.HALF_COPIED, takes=False),
    Attack(a_profile_nested_without_end, said.PROFILE_BROKEN, takes=False),
    Attack(a_profile_with_a_thousand_signatures, said.PROFILE_BROKEN, takes=False),
    Attack(block_lists_of_the_wrong_length, said.CONTENT_DAMAGED),
    Attack(the_block_list_of_another_film, said.CONTENT_DAMAGED),
    Attack(a_film_that_is_none, said.CONTENT_STRANGE),
    Attack(another_publishers_key, said.UNSIGNED, takes=False),
    Attack(receipts_of_strange_times, said.PROFILE_SEVERAL, takes=False),
    Attack(receipts_that_are_bombs, None),
    Attack(reports_of_a_stranger, None),
    Attack(words_that_are_markup, said.CONTENT_SHORT),
)
