"""What provisioning needs from outside. The stick and its errors are the library's."""

from __future__ import annotations

from typing import Protocol

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

    def used(self) -> frozenset[tuple[str, int]]:
        """The (station, epoch) of each profile that this box ever applied."""
        ...

    def certificate(self) -> bytes | None:
        """The certificate in PEM; None where there is none."""
        ...

    def keep_certificate(self, certificate: bytes) -> None:
        """Keep a certificate durably."""
        ...
