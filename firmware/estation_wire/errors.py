"""What can be wrong with something that came over the wire or on a stick.

Every error says in its text what was wrong and, where a person can do something, what to do.
"""

from __future__ import annotations


class WireError(ValueError):
    """Something from outside does not have the form that the contract gives it."""


class MalformedError(WireError):
    """The bytes are not a message, record or document of the contract."""


class TooLargeError(WireError):
    """The bytes are more than the contract allows."""

    def __init__(self, what: str, size: int, limit: int) -> None:
        """Of ``what``, ``size`` bytes came where at most ``limit`` are allowed."""
        super().__init__(f"{what}: {size} bytes, at most {limit} are allowed")
        self.limit = limit


class NewerContractError(WireError):
    """The other side speaks a newer major version; update this side first."""

    def __init__(self, theirs: int, ours: int) -> None:
        """They speak contract ``theirs``, this code speaks ``ours``."""
        super().__init__(f"contract version {theirs} is newer than {ours}: update this side first")
