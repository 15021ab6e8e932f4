"""The folder mqtt_schema is whole, up to date, and right in itself."""

from __future__ import annotations

import json
import re
import runpy
from pathlib import Path

import jsonschema
import pytest

from estation_wire import codec, counts, errors, messages, schema, topics, values
from estation_wire.topics import Leaf
from tests.support import contract

MAIN = runpy.run_path(str(Path(__file__).parents[2] / "scripts" / "make-schemas"))["main"]
GOOD = sorted((contract.FOLDER / "examples" / "good").glob("*.json"))
BAD = sorted((contract.FOLDER / "examples" / "bad").glob("*.json"))
README = (contract.FOLDER / "README.md").read_text()


def bytes_of(example: dict) -> bytes:
    return example["text"].encode() if "text" in example else json.dumps(example["value"]).encode()


def test_the_files_are_those_that_the_types_make(capsys: pytest.CaptureFixture):
    """Nobody changes a message without the published files changing with it."""
    assert MAIN(["--check"]) == 0, capsys.readouterr().out


def test_stale_files_are_named_and_written_anew(tmp_path: Path, capsys: pytest.CaptureFixture):
    """The check names a file that is changed, missing or left over; a run without it puts all in order."""
    assert MAIN(["--root", str(tmp_path)]) == 0
    status, hello, left_over = (
        tmp_path / "v1" / name for name in ("status.schema.json", "hello.schema.json", "x.json")
    )
    status.write_text("{}")
    hello.unlink()
    left_over.write_text("{}")
    capsys.readouterr()
    assert MAIN(["--check", "--root", str(tmp_path)]) == 1
    said = capsys.readouterr().out
    assert re.findall(r"v1/[a-z.]+", said) == ["v1/hello.schema.json", "v1/status.schema.json", "v1/x.json"]
    assert MAIN(["--root", str(tmp_path)]) == 0
    assert MAIN(["--check", "--root", str(tmp_path)]) == 0
    assert not left_over.exists()


def test_every_message_record_and_document_has_its_file():
    """Someone can write another box or centre from the folder alone."""
    assert set(contract.schemas()) == set(contract.READERS)


@pytest.mark.parametrize("name", sorted(contract.READERS))
def test_every_file_is_json_schema_2020_12(name: str):
    """Any validator of the standard can load the file, and knows the largest size beside it."""
    body = contract.schemas()[name]
    jsonschema.Draft202012Validator.check_schema(body)
    assert body["$schema"] == schema.DIALECT
    assert body["x-max-bytes"] > 0
    assert r"\\Z" not in json.dumps(body), "an end of text that ECMA-262 does not know"


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_good_examples_are_good(path: Path):
    """What we show as right is right by the files and by the product."""
    example = json.loads(path.read_text())
    contract.validator(example["schema"]).validate(example["value"])
    contract.READERS[example["schema"]](bytes_of(example))
    if "topic" in example:
        assert example["topic"].endswith(Path(example["schema"]).name.removesuffix(".schema.json"))


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_bad_examples_are_bad_for_the_reason_given(path: Path):
    """What we show as wrong is wrong by the files and refused by the product, and the example says why."""
    example = json.loads(path.read_text())
    assert example["why"].endswith(".")
    with pytest.raises(getattr(errors, example["error"])):
        contract.READERS[example["schema"]](bytes_of(example))
    if "value" in example:
        assert not contract.validator(example["schema"]).is_valid(example["value"])


def test_there_is_an_example_of_everything():
    """Every message, kind of record and document is shown once right, and every message once wrong."""
    shown, wrong = ({json.loads(path.read_text())["schema"] for path in paths} for paths in (GOOD, BAD))
    assert shown == set(contract.READERS)
    assert {f"v1/{leaf.value}.schema.json" for leaf in Leaf} <= wrong


def test_limits_in_the_files_are_those_of_the_decoder():
    """A maker who keeps to the size in the file is never refused for size."""
    for leaf, limit in codec.LIMIT_BYTES.items():
        assert contract.schemas()[f"v1/{leaf.value}.schema.json"]["x-max-bytes"] == limit


@pytest.mark.parametrize("leaf", Leaf)
def test_the_table_for_people_says_what_the_code_does(leaf: Leaf):
    """Whoever writes a box from README.md alone is not misled."""
    table = re.findall(r"^\| `(\w+)` \| (\w+)[^|]*\| (\d) \| (yes|no) \| (\d+) KiB \|", README, re.MULTILINE)
    (row,) = [cells for cells in table if cells[0] == leaf.value]
    sender = "box" if leaf in topics.FROM_BOX else "centre"
    retained = "yes" if leaf in topics.RETAINED else "no"
    assert row[1:] == (sender, str(topics.QOS[leaf]), retained, str(codec.LIMIT_BYTES[leaf] // 1024))


def test_the_numbers_for_people_are_those_of_the_code():
    """Sizes and years that are told in words are the real ones."""
    assert f"each of at most {codec.RECORD_LIMIT_BYTES // 1024} KiB" in README
    assert f"at most {messages.REPLY_LIMIT_BYTES:,} bytes attached" in README
    assert f"years {values.EARLIEST_YEAR} to {values.LATEST_YEAR}" in README
    assert f"at most {counts.RESUME_WITHIN.seconds // 60} minutes" in README


def test_a_hundred_levels_are_read():
    """The depth that we allow others is one that we can read."""
    deep = json.loads((contract.FOLDER / "examples" / "good" / "status-online.json").read_text())["value"]
    payload = json.dumps(deep)[:-1] + ',"later":' + "[" * 100 + "]" * 100 + "}"
    assert codec.decode_message(Leaf.STATUS, payload.encode()).online
