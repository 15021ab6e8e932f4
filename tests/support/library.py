"""A small signed library and a stick with it, made in a moment: for every test that needs one."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from estation_wire.profile import Centre, Minimum, Profile, Site
from studio import profiles as signing
from studio.publishing import Published, init, publish
from studio.stick import write_stick

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
ZONE = "Asia/Urumqi"


class Authority(NamedTuple):
    """A private CA."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    def certify(self, request: bytes, *, name: str | None = None) -> bytes:
        """The certificate for a request, in PEM; ``name`` instead of the request's own."""
        asked = x509.load_pem_x509_csr(request)
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]) if name else asked.subject
        return _certificate(subject, asked.public_key(), self.certificate.subject, self.key).public_bytes(
            serialization.Encoding.PEM
        )


class Made(NamedTuple):
    """A studio, its stick, and what is on it."""

    studio: Path
    source: Path
    stick: Path
    root: Path
    """The trust root for the box's configuration."""
    published: Published
    authority: Authority


def shown(made: Made) -> list[str]:
    """The contents that the rule of four videos shows, in its order."""
    return [made.published.contents[word] for word in ("video-3", "video-2")]


def make_authority(name: str = "E-Station test CA") -> Authority:
    """A new private CA."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    return Authority(key, _certificate(subject, key.public_key(), subject, key, authority=True))


def make_profile(authority: str, station: str = "hall-0007", **changes: object) -> Profile:
    """A valid profile; ``authority`` is the CA's PEM."""
    fields: dict[str, object] = {
        "v": 1,
        "station": station,
        "region": "653101",
        "site": Site(id="site-7", kind="village", name="帕哈太克里村"),
        "name": "帕哈太克里村文化室",
        "timezone": ZONE,
        "centre": Centre(host="localhost", authority=authority),
        "epoch": 1,
        "not_after": NOW + timedelta(days=60),
        "minimum": Minimum(sessions=1, seconds=30),
        "countdown_seconds": 5,
    }
    return Profile(**{**fields, **changes})


def make_video(path: Path, *, seconds: float = 1.0, size: str = "64x36", pattern: int = 0) -> Path:
    """A tiny real video (MP4, H.264); another ``pattern`` is another picture."""
    source = f"color=c=0x{(pattern * 2654435761) % 0xFFFFFF:06x}:s={size}:r=10:d={seconds}"
    command = ["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", source]
    command += ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", str(path)]
    subprocess.run(command, check=True, timeout=30, capture_output=True)
    return path


def padded(path: Path, size: int) -> Path:
    """Make a video larger without changing what it shows: MP4 readers pass over a ``free`` box."""
    data = path.read_bytes()
    filling = bytes((number * 7919 + len(data)) % 251 for number in range(4096))
    more = size - len(data) - 8
    path.write_bytes(data + (more + 8).to_bytes(4, "big") + b"free" + (filling * (more // 4096 + 1))[:more])
    return path


def make_stick(
    folder: Path,
    *,
    videos: int = 2,
    station: str | None = "hall-0007",
    now: datetime = NOW,
    start: datetime | None = None,
    size: int = 0,
    seconds: float = 1.0,
    authority: Authority | None = None,
    shows: int = 2,
    **profile: object,
) -> Made:
    """A studio in ``folder`` with ``videos`` tiny videos and one weekly rule, and its stick.

    ``start``: the rule's first start, local wall time in `ZONE` (default: half an hour after ``now``). ``size``: bytes
    of each video, ``seconds``: its length. ``station``: None leaves the profile out; other words change the profile.
    """
    studio, source, stick = folder / "studio", folder / "source", folder / "stick"
    for made in (source, stick):
        made.mkdir(parents=True, exist_ok=True)
    root = init(studio, now=now)
    for number in range(videos):
        video = make_video(source / f"video-{number}.mp4", seconds=seconds, pattern=number + 1)
        if size:
            padded(video, size)
    write_source(source, videos=videos, start=start or wall(now + timedelta(minutes=30)), shows=shows)
    published = publish(studio, source, now=now)
    authority = authority or make_authority()
    papers = []
    if station is not None:
        signing.sign(studio, make_profile(authority.pem, station, **profile))
        papers = [signing.path_of(studio, station)]
    write_stick(studio, stick, profiles=papers)
    return Made(studio, source, stick, root, published, authority)


def write_source(source: Path, *, videos: int, start: datetime, title: str = "Video", shows: int = 2) -> None:
    """A ``library.toml`` over ``video-N.mp4``; the rule shows the last ``shows`` ones, the last first."""
    text = 'name = "科学技术协会"\n[[series]]\nid = "kepu-tiandi"\ntitles = { zh-Hans = "科普天地", en = "Science" }\n'
    for number in range(videos):
        text += (
            f'[[items]]\nid = "video-{number}"\nfile = "video-{number}.mp4"\n'
            f'titles = {{ zh-Hans = "节目{number}", en = "{title} {number}" }}\n'
            'topic = "health"\ncounts = true\nseries = "kepu-tiandi"\n'
        )
    shown = [f"video-{number}" for number in range(videos)][-shows:][::-1]
    text += (
        f'[[rules]]\nid = "weekly"\ntimezone = "{ZONE}"\nstart = {start:%Y-%m-%dT%H:%M:%S}\n'
        f'rrule = "FREQ=WEEKLY"\nitems = {msgspec.json.encode(shown).decode()}\nseries = "kepu-tiandi"\n'
    )
    (source / "library.toml").write_text(text, encoding="utf-8")


def wall(at: datetime) -> datetime:
    """Local wall time in `ZONE` (UTC+6, no summer time)."""
    return (at.astimezone(UTC) + timedelta(hours=6)).replace(tzinfo=None, microsecond=0)


def _certificate(subject, public_key, issuer, issuer_key, *, authority=False) -> x509.Certificate:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2060, 1, 1, tzinfo=UTC))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .sign(issuer_key, hashes.SHA256())
    )
