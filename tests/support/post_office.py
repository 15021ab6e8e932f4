"""Those who are told: a real mail server (aiosmtpd), and a web server that takes hooks and can be out of order."""

from __future__ import annotations

import email
import email.policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler
from typing import Any, Self, cast

from aiosmtpd.controller import Controller

from tests.support.mosquitto import free_port
from tests.support.served import Served


class MailServer:
    """Takes every mail and keeps it; ``refuses``: answers with this line instead."""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        self.refuses = ""
        self.port = free_port()
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()

    async def handle_DATA(  # noqa: N802 (the library's word)
        self, _server: Any, _session: Any, envelope: Any
    ) -> str:
        if self.refuses:
            return self.refuses
        parsed = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.taken.append(cast("EmailMessage", parsed))
        return "250 taken"

    def read(self) -> list[tuple[str, str, str]]:
        """To whom, subject and text of each mail since the last call."""
        taken, self.taken = self.taken, []
        return [(mail["To"], mail["Subject"], mail.get_content()) for mail in taken]


class HookServer(Served):
    """Takes POSTs and keeps them; ``status``: what it answers."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, dict[str, str], bytes]] = []
        self.status = 204
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if outer.status < 300:
                    outer.taken.append((self.path, dict(self.headers.items()), body))
                self.send_response(outer.status)
                if outer.status == 302:
                    self.send_header("Location", outer.url + "elsewhere")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        super().__init__(Handler)
        self.url = f"http://127.0.0.1:{self.port}/"
