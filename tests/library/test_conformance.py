"""Our client under the classes of cases of the public suite tuf-conformance, through its three verbs."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import MetaFile

from estation_box.apps.tuf_client import main
from tests.support.http_server import Fault, WebServer
from tests.support.sync_box import FIRMWARE
from tests.support.tuf_repository import PAST, TufRepository


class Client:
    """The client under test, with one web server over a repository."""

    def __init__(self, folder: Path, repository: TufRepository, web: WebServer) -> None:
        self.metadata, self.files = folder / "metadata", folder / "files"
        self.repository = repository
        self.web = web
        assert main(["--metadata-dir", str(self.metadata), "init", str(repository.first_root)]) == 0
        assert web.asked == []

    def refresh(self) -> int:
        return main(self.words("refresh"))

    def download(self, name: str) -> int:
        return main(self.words("download", "--target-name", name))

    def words(self, verb: str, *more: str) -> list[str]:
        url = self.web.url
        words = ["--metadata-dir", str(self.metadata), "--metadata-url", f"{url}/metadata", *more]
        return [*words, "--target-base-url", f"{url}/targets", "--target-dir", str(self.files), verb]

    def version(self, role: str) -> int:
        path = self.metadata / f"{role}.json"
        return msgspec.json.decode(path.read_bytes())["signed"]["version"] if path.exists() else 0

    def versions(self) -> tuple[int, ...]:
        return tuple(self.version(role) for role in ("root", "timestamp", "snapshot", "targets"))


@pytest.fixture
def repository(tmp_path: Path) -> TufRepository:
    return TufRepository(tmp_path / "repository")


@pytest.fixture
def client(repository: TufRepository, tmp_path: Path):
    with WebServer(repository.folder) as web:
        yield Client(tmp_path / "client", repository, web)


def test_basic_refresh_asks_in_order_and_twice_costs_little(client: Client):
    """Root, timestamp, snapshot, targets, in this order; the second time what may be new alone."""
    assert client.refresh() == 0
    names = ["2.root", "timestamp", "1.snapshot", "1.targets"]
    assert [path for path, _ in client.web.asked] == [f"/metadata/{name}.json" for name in names]
    assert client.versions() == (1, 1, 1, 1)
    client.web.asked.clear()
    assert client.refresh() == 0
    assert len(client.web.asked) == 2


def test_the_verbs_work_as_a_process_of_their_own(client: Client):
    """The suite starts the client as a program: it does its work and says so by its exit status."""
    command = [sys.executable, "-m", "estation_box.apps.tuf_client", *client.words("refresh")]
    done = subprocess.run(command, env={"PYTHONPATH": str(FIRMWARE)}, check=False, timeout=30, capture_output=True)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("role", ["timestamp", "snapshot", "targets"])
def test_a_missing_role_fails(client: Client, role: str):
    """Where the server lacks a role the refresh fails, and what verified before stays."""
    next((client.repository.folder / "metadata").glob(f"*{role}.json")).unlink()
    assert client.refresh() == 1
    assert client.version(role) == 0
    assert client.version("root") == 1


@pytest.mark.parametrize("role", ["root", "timestamp", "snapshot", "targets"])
def test_expiration(client: Client, role: str):
    """What has expired is not trusted, whichever role it is."""
    repository = client.repository
    getattr(repository, role).expires = PAST
    repository.publish()
    if role == "root":
        repository.next_root()
    assert client.refresh() == 1
    assert client.version(role) == (2 if role == "root" else 0)


def test_expiration_of_roots_in_between(client: Client):
    """Only the last root must be good today: a box comes late through roots that have expired."""
    repository = client.repository
    good, repository.root.expires = repository.root.expires, PAST
    for _ in range(3):
        repository.next_root()
    repository.root.expires = good
    repository.next_root()
    assert client.refresh() == 0
    assert client.version("root") == 5


def test_expiration_of_a_delegate(client: Client):
    """A delegate that has expired gives nothing."""
    repository = client.repository
    delegate = repository.delegate("county", "county/*")
    repository.artifact("county/film", b"film", delegate)
    delegate.expires = PAST
    repository.publish("targets")
    assert client.download("county/film") == 1
    assert not client.files.exists()


@pytest.mark.parametrize("name", ["film", "folder/film", "a name with spaces", "科普.json"])
def test_download(client: Client, name: str):
    """A signed file arrives under one name, again when it changes, and is not fetched again when it does not."""
    repository = client.repository
    repository.artifact(name, b"one")
    repository.publish("targets")
    for content in (b"one", b"two"):
        repository.artifact(name, content)
        repository.publish("targets")
        assert client.download(name) == 0
        assert [path.read_bytes() for path in client.files.iterdir()] == [content]
        client.web.asked.clear()
        assert client.download(name) == 0
        assert not any(path.startswith("/targets") for path, _ in client.web.asked)


@pytest.mark.parametrize("harm", ["other bytes", "too long", "too short", "missing", "unsigned"])
def test_download_of_the_wrong_thing(client: Client, harm: str):
    """Wrong bytes, another length, no file, or a name that nobody signed: nothing is stored."""
    path = client.repository.artifact("film", b"film")
    client.repository.publish("targets")
    if harm == "missing":
        path.unlink()
    else:
        path.write_bytes({"other bytes": b"filn", "too long": b"film and more", "too short": b"fil"}.get(harm, b"film"))
    assert client.download("other" if harm == "unsigned" else "film") == 1
    assert not client.files.exists() or not list(client.files.iterdir())


@pytest.mark.parametrize("role", ["timestamp", "snapshot", "targets"])
def test_keys_that_are_none_of_ours(client: Client, role: str):
    """What another key signed is refused, and so is what too few signed."""
    repository = client.repository
    assert client.refresh() == 0
    repository.signers[role] = [CryptoSigner.generate_ed25519()]
    repository.publish("targets")
    assert client.refresh() == 1
    assert client.version(role) == 1


@pytest.mark.parametrize(("signatures", "result"), [(1, 1), (2, 0)])
def test_keys_below_the_threshold(client: Client, signatures: int, result: int):
    """Two must sign: two different keys do, one key does not, and not twice either."""
    repository = client.repository
    second = CryptoSigner.generate_ed25519()
    repository.root.add_key(second.public_key, "targets")
    repository.root.roles["targets"].threshold = 2
    repository.next_root()
    if signatures == 2:
        repository.signers["targets"].append(second)
    else:
        repository.signers["targets"] *= 2
    repository.publish("targets")
    assert client.refresh() == result


@pytest.mark.parametrize("role", ["timestamp", "snapshot", "targets"])
def test_rollback(client: Client, role: str):
    """An older version of any role is refused."""
    repository = client.repository
    for _ in range(3):
        repository.publish("targets")
    assert client.refresh() == 0
    before = client.versions()
    if role == "timestamp":
        repository.timestamp.version = 2
        repository.write_timestamp(next_version=False)
    elif role == "snapshot":
        repository.snapshot.version = 1
        repository.timestamp.version += 1
        repository.write_snapshot(next_version=False)
    else:
        repository.snapshot.meta["targets.json"] = MetaFile(1)
        repository.write_snapshot()
    assert client.refresh() == 1
    assert client.version(role) == before[("root", "timestamp", "snapshot", "targets").index(role)]


def test_rollback_of_a_delegate_and_its_disappearance(client: Client):
    """A delegate's older version, and a snapshot that forgets a delegate, are refused."""
    repository = client.repository
    repository.artifact("county/film", b"film", repository.delegate("county", "county/*"))
    repository.publish("targets", "county")
    assert client.download("county/film") == 0
    repository.snapshot.meta["county.json"] = MetaFile(1)
    repository.write_snapshot()
    assert client.download("county/film") == 1
    del repository.snapshot.meta["county.json"]
    repository.write_snapshot()
    assert client.refresh() == 1


@pytest.mark.parametrize("rotated", ["timestamp", "snapshot"])
def test_fast_forward_is_undone_by_new_keys(client: Client, rotated: str):
    """After somebody numbered the role absurdly high, a new key begins its numbers anew."""
    repository = client.repository
    good = repository.timestamp.version, repository.snapshot.version
    if rotated == "timestamp":
        repository.timestamp.version = 99_999
        repository.write_timestamp(next_version=False)
    else:
        repository.snapshot.version = 99_999
        repository.write_snapshot(next_version=False)
    assert client.refresh() == 0
    repository.timestamp.version, repository.snapshot.version = good
    for role in ("snapshot", "timestamp")[rotated == "timestamp" :]:
        repository.rotate(role)
    repository.write_snapshot(next_version=False)
    assert client.refresh() == 0
    assert client.version(rotated) == 1


def graph_diamond(repository: TufRepository) -> None:
    left, right = repository.delegate("left", "*.json"), repository.delegate("right", "*.json")
    repository.delegate("below", "*.json", parent=left)
    repository.delegate("below", "*.json", parent=right)
    repository.artifact("x.json", b"x", right)


def graph_ring(repository: TufRepository) -> None:
    one = repository.delegate("one", "*.json")
    two = repository.delegate("two", "*.json", parent=one)
    repository.delegate("one", "*.json", parent=two)


def graph_terminating(repository: TufRepository) -> None:
    repository.delegate("first", "*.json", terminating=True)
    repository.artifact("x.json", b"x", repository.delegate("second", "*.json"))


def graph_elsewhere(repository: TufRepository) -> None:
    repository.artifact("x.json", b"x", repository.delegate("other", "other/*"))


def graph_line(repository: TufRepository) -> None:
    county = repository.delegate("county", "x*.json")
    repository.artifact("x.json", b"x", repository.delegate("town", "x.json", parent=county))


def graph_first_wins(repository: TufRepository) -> None:
    repository.artifact("x.json", b"other", repository.delegate("second", "nothing", "*.json"))
    repository.artifact("x.json", b"x")


@pytest.mark.parametrize(
    ("graph", "result"),
    [
        (graph_line, 0), (graph_first_wins, 0),
        (graph_diamond, 1), (graph_ring, 1), (graph_terminating, 1), (graph_elsewhere, 1),
    ],
)  # fmt: skip
def test_delegation_graphs(client: Client, graph: Callable[[TufRepository], None], result: int):
    """A line of delegates is followed; a ring, a role of two parents, or a name that is not theirs gives nothing."""
    graph(client.repository)
    client.repository.publish("targets", *client.repository.delegates)
    assert client.download("x.json") == result
    if not result:
        assert next(client.files.iterdir()).read_bytes() == b"x"


def test_a_delegate_whose_key_was_changed(client: Client):
    """What the delegate's old key signed is trusted no more once its delegator names another."""
    repository = client.repository
    county = repository.delegate("county", "county/*")
    repository.artifact("county/film", b"film", county)
    repository.publish("targets", "county")
    assert client.download("county/film") == 0
    old = repository.signers.pop("county")
    repository.targets.revoke_key(old[0].public_key.keyid, "county")
    repository.delegate("county", "county/*")
    new, repository.signers["county"] = repository.signers["county"], old
    repository.publish("targets", "county")
    assert client.download("county/film") == 1
    repository.signers["county"] = new
    repository.publish("targets", "county")
    assert client.download("county/film") == 0


@pytest.mark.parametrize("how", ["both", "old alone", "new alone", "version skipped"])
def test_root_rotation(client: Client, how: str):
    """A new root must be signed by the old keys and by its own, and be the very next one."""
    repository = client.repository
    old, new = repository.signers["root"][0], CryptoSigner.generate_ed25519()
    repository.root.revoke_key(old.public_key.keyid, "root")
    repository.root.add_key(new.public_key, "root")
    signers = {"old alone": [old], "new alone": [new]}.get(how, [old, new])
    if how == "version skipped":
        repository.root.version = 3
        repository.write_root(*signers)
        (repository.folder / "metadata/3.root.json").rename(repository.folder / "metadata/2.root.json")
    else:
        repository.next_root(*signers)
    assert client.refresh() == (0 if how == "both" else 1)
    assert client.version("root") == (2 if how == "both" else 1)


@pytest.mark.parametrize("role", ["timestamp", "snapshot", "targets"])
def test_rotation_of_every_other_role(client: Client, role: str):
    """After a change of keys the new ones count, from the cache too."""
    assert client.refresh() == 0
    client.repository.rotate(role)
    assert client.refresh() == 1
    client.repository.publish("targets")
    assert client.refresh() == 0


@pytest.mark.parametrize("raw", [b"", b"{}", b"[]", b"\xff", b"[" * 100_000, b'{"signed":{"_type":"timestamp"}}'])
@pytest.mark.parametrize("role", ["2.root", "timestamp", "1.snapshot", "1.targets"])
def test_metadata_that_is_none(client: Client, raw: bytes, role: str):
    """Whatever lies in a role's place, the client fails with a word and keeps what verified."""
    (client.repository.folder / f"metadata/{role}.json").write_bytes(raw)
    assert client.refresh() == 1
    assert client.version("root") == 1


def test_endless_metadata(client: Client):
    """A server that never ends a role is read no further than its limit."""
    client.web.faults.append(Fault("endless", "timestamp.json"))
    assert client.refresh() == 1
    assert client.web.sent < 30_000_000


def test_its_own_clock_is_the_judge(client: Client):
    """The suite turns the clock with faketime: what is good today has expired in ten years."""
    command = [
        "faketime",
        "-f",
        "+4000d",
        sys.executable,
        "-m",
        "estation_box.apps.tuf_client",
        *client.words("refresh"),
    ]
    environment = {"PYTHONPATH": str(FIRMWARE), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(command, env=environment, check=False, timeout=30, capture_output=True)
    assert done.returncode == 1
    assert b"expired" in done.stderr
    assert client.repository.timestamp.expires > datetime.now(UTC)
    assert client.refresh() == 0
