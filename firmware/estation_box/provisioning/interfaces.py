"""What provisioning needs from outside. The stick and its errors are the library's."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from estation_box.library.interfaces import Stick
from estation_box.library.said import Line
from estation_box.provisioning.choosing import Told
from estation_wire.profile import Profile


class Keys(Protocol):
    """The box's own key, which never leaves it, and the checking of other people's signatures."""

    def signed_by(self, public_key: str, signature: bytes, message: bytes) -> bool:
        """Whether the Ed25519 key (raw, in hex) made this signature over ``message``."""
        ...

    def request(self, station: str) -> bytes:
        """A certificate request for ``station`` in PEM, by the box's P-256 key; the key is made where there is none.

        Raises `CardError`.
        """
        ...

    def fits(self, certificate: bytes, *, station: str, authority: str) -> bool:
        """Whether a certificate (PEM) is for the box's key and ``station``, and issued by ``authority`` (PEM)."""
        ...

    def is_authority(self, authority: str) -> bool:
        """Whether this is the certificate (PEM) of an authority."""
        ...


class Papers(Protocol):
    """The profile that is applied, the profiles that were used, and the certificate. All raise `CardError`."""

    def profile(self) -> Profile | None:
        """The profile that makes this box a station; None for a bare box."""
        ...

    def apply(self, payload: bytes, profile: Profile) -> None:
        """Keep a verified profile's payload durably, and remember that it was used."""
        ...

    def forget(self, profile: Profile) -> None:
        """Be a bare box: profile, key, request and certificate go; that ``profile`` was used is remembered."""
        ...

    def used(self) -> frozenset[tuple[str, int]]:
        """The (station, epoch) of each profile that this box ever applied."""
        ...

    def certificate(self) -> bytes | None:
        """The certificate in PEM; None where there is none."""
        ...

    def keep_certificate(self, certificate: bytes) -> None:
        """Keep a certificate durably; a request for it is kept no longer."""
        ...

    def keep_request(self, request: bytes | None) -> None:
        """Keep the certificate request (PEM) for the enrolment call, which is made without the key; None: no longer."""
        ...


class Requests(Protocol):
    """The papers, as far as the enrolment call needs them. The last raises `CardError`."""

    def request(self) -> bytes | None:
        """The certificate request (PEM) that is to be posted; None where there is none."""
        ...

    def certificate(self) -> bytes | None:
        """See `Papers.certificate`."""
        ...

    def keep_certificate(self, certificate: bytes) -> None:
        """See `Papers.keep_certificate`."""
        ...


class Posted(NamedTuple):
    """A server's answer to a post."""

    status: int
    kind: str
    body: bytes


class Caller(Protocol):
    """The enrolment call's way to the centre."""

    def post(self, url: str, body: bytes, limit: int) -> Posted:
        """Post JSON; the answer, its body of at most ``limit`` bytes.

        Raises `LaterError` (away, busy, or more than ``limit``) or `UnreadableError`
        (another server than the one that ``url`` names).
        """
        ...


class Registry(Protocol):
    """Whether certificates belong to a request; without the box's key."""

    def answers(self, certificate: bytes, *, request: bytes, station: str, authority: str) -> bool:
        """Whether a certificate (PEM) is for the key of ``request`` and ``station``, and issued by ``authority``."""
        ...


class SyncDesk(Protocol):
    """Where sync meets core about a bare box. No method raises."""

    def chosen(self) -> str | None:
        """The station that a person chose; None where nobody did."""
        ...

    def tell(self, told: Told) -> None:
        """What became of the stick; the choice is used up by it."""
        ...


class CoreDesk(Protocol):
    """Where core meets sync about a bare box."""

    def told(self) -> Told:
        """What sync told last; nothing where it did not."""
        ...

    def choose(self, station: str) -> None:
        """A person chose this station: for the next visit. Raises `OSError`."""
        ...

    def clear(self) -> None:
        """The stick is gone: forget what was told and chosen."""
        ...


class Print(Protocol):
    """The box's key, as far as people compare it."""

    def fingerprint(self) -> str:
        """SHA-256 of the public key, in hex. Raises `CardError`."""
        ...


class Post(Protocol):
    """What a stick carries home from a station and brings back."""

    def visit(self, stick: Stick, station: str, authority: str) -> tuple[Line, ...]:
        """Leave reports, take acknowledgements signed by ``authority`` (PEM); what to say. Raises `CardError` only."""
        ...

    def complete(self) -> bool:
        """Whether all that the centre lacks goes with this visit, as far as core told; False where it told nothing."""
        ...
