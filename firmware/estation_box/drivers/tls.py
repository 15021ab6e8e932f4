"""TLS as the box needs it: whom it trusts is always checked, the dates only where its clock can be believed."""

from __future__ import annotations

import ssl
from typing import Final

from estation_box.library import said_network
from estation_box.library.interfaces import UnreadableError

X509_V_FLAG_NO_CHECK_TIME: Final = 0x200000  # OpenSSL's x509_vfy.h; the ssl module has no name for it


def tls(authority: str, *, check_dates: bool) -> ssl.SSLContext:
    """Chain and name are always checked, by ``authority`` (PEM; "" is the system's); the dates only where asked.

    Raises `UnreadableError` where ``authority`` is no certificate.
    """
    try:
        context = ssl.create_default_context(cadata=authority or None)
    except (ssl.SSLError, ValueError) as error:
        raise UnreadableError(said_network.NOT_SECURE, str(error)) from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if not check_dates:
        context.verify_flags |= X509_V_FLAG_NO_CHECK_TIME
    return context
