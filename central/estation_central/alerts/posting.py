"""Mail by Django, web hooks by urllib3. A hook gets JSON, signed where the channel has a secret.

::

    POST /hook HTTP/1.1
    X-Estation-Signature: sha256=5f70…

    {"subject": "E-Station: silent: …", "text": "- …", "alerts": [{"kind": "silent", "subject": "hall-0007"}]}
"""

from __future__ import annotations

import hashlib
import hmac
import smtplib
from typing import Final

import msgspec
import urllib3
from django.conf import settings
from django.core.mail import EmailMessage
from urllib3.exceptions import HTTPError

from estation_central.alerts.interfaces import Message, NotToldError

SECONDS: Final = 10.0  # for each step of a hand-over: a post office that is slower is tried again
ANSWER_BYTES: Final = 1024  # of a hook's answer; nobody reads more
SIGNATURE: Final = "X-Estation-Signature"


class RealPost:
    """Sends by what the settings name."""

    def __init__(self) -> None:
        self._pool = urllib3.PoolManager(timeout=urllib3.Timeout(connect=SECONDS, read=SECONDS), retries=False)

    def send(self, message: Message) -> None:
        """See `Post.send`."""
        if message.mail:
            _mail(message)
        else:
            self._hook(message)

    def _hook(self, message: Message) -> None:
        alerts = [{"kind": kind, "subject": subject} for kind, subject in message.about]
        body = msgspec.json.encode({"subject": message.subject, "text": message.body, "alerts": alerts})
        headers = {"Content-Type": "application/json"}
        if message.secret:
            headers[SIGNATURE] = f"sha256={hmac.new(message.secret.encode(), body, hashlib.sha256).hexdigest()}"
        try:
            answer = self._pool.request(
                "POST", message.hook, body=body, headers=headers, redirect=False, preload_content=False
            )
            try:
                answer.read(ANSWER_BYTES, decode_content=False)
            finally:
                answer.close()
        except (HTTPError, ValueError) as error:
            msg = f"the hook does not answer: {error}"
            raise NotToldError(msg) from error
        if not 200 <= answer.status < 300:
            msg = f"the hook answers {answer.status}"
            raise NotToldError(msg)


def _mail(message: Message) -> None:
    if not settings.EMAIL_HOST:
        msg = "no mail server is named: set ESTATION_CENTRE_MAIL"
        raise NotToldError(msg)
    try:
        EmailMessage(message.subject, message.body, settings.DEFAULT_FROM_EMAIL, [message.mail]).send()
    except (smtplib.SMTPException, OSError) as error:
        msg = f"the mail server does not take it: {error}"
        raise NotToldError(msg) from error
