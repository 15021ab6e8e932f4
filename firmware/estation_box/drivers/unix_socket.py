"""JSON lines over a Unix stream socket: a server for a few clients, a client that keeps coming back, one question.

Both sides hand what comes to a callback, on their own thread, as `Joined`, `Line` and `Left`: it must only queue.
Nobody waits for a slow reader: what does not fit into the socket's buffer at once costs that reader its connection.
"""

from __future__ import annotations

import contextlib
import logging
import selectors
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Final, NamedTuple, Self

MAX_LINE_BYTES: Final = 256 * 1024  # a session of 100 entries with long paths is a quarter of this
MAX_CLIENTS: Final = 8  # core, its successor, sync, the `estation` command, and as many again
SEND_BUFFER_BYTES: Final = 512 * 1024  # two of the longest lines: a reader may lag by seconds, not for ever
CHUNK_BYTES: Final = 64 * 1024
FIRST_RETRY_SECONDS: Final = 0.05  # a player that was restarted listens again within half a second
LAST_RETRY_SECONDS: Final = 1.0
log = logging.getLogger(__name__)


class SocketError(Exception):
    """The socket cannot be used; the text says which and why."""


class Peer:
    """The other end of one connection."""

    def __init__(self, connection: socket.socket, max_line: int) -> None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
        self._connection = connection
        self._max_line = max_line
        self._lock = threading.Lock()
        self._rest = b""

    def send(self, line: bytes) -> bool:
        """Send one line, at once or never; False where the connection is over, now or since before."""
        data = line + b"\n"
        with self._lock:
            try:
                sent = self._connection.send(data, socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL)
            except BlockingIOError:
                sent = 0
            except OSError:
                return False
        if sent < len(data):
            log.warning("a reader does not keep up: its connection is closed")
            self.drop()
            return False
        return True

    def drop(self) -> None:
        """End the connection; its reading side hears of it."""
        with contextlib.suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)

    def fileno(self) -> int:
        """For a selector."""
        return self._connection.fileno()

    def receive(self) -> list[bytes] | None:
        """The whole lines that have come; None where the connection is over or a line is too long."""
        try:
            chunk = self._connection.recv(CHUNK_BYTES)
        except OSError:
            return None
        if not chunk:
            return None
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        if any(len(line) > self._max_line for line in (*lines, self._rest)):
            log.warning("a line of more than %d bytes: the connection is closed", self._max_line)
            return None
        return lines

    def close(self) -> None:
        """Give the descriptor back; only its reading thread does so."""
        with self._lock:
            self._connection.close()


class Joined(NamedTuple):
    """A connection stands."""

    peer: Peer


class Line(NamedTuple):
    """One line came, without its end."""

    peer: Peer
    line: bytes


class Left(NamedTuple):
    """The connection is over."""

    peer: Peer


Heard = Joined | Line | Left
Callback = Callable[[Heard], None]


class Server:
    """Listens at ``path`` until closed; what stood there before is removed. Raises `SocketError`."""

    def __init__(self, path: Path, heard: Callback, *, max_line: int = MAX_LINE_BYTES) -> None:
        self._path = path
        self._heard = heard
        self._max_line = max_line
        self._peers: list[Peer] = []
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            path.unlink(missing_ok=True)
            self._listener.bind(str(path))
            path.chmod(0o660)
            self._listener.listen(MAX_CLIENTS)
        except OSError as error:
            self._listener.close()
            msg = f"cannot listen at {path}: {error}; is the runtime directory there and ours?"
            raise SocketError(msg) from error
        self._wake, self._waker = socket.socketpair()
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._selector.register(self._wake, selectors.EVENT_READ)
        self._thread = threading.Thread(target=self._serve, name="socket", daemon=True)
        self._thread.start()

    def tell_all(self, line: bytes) -> None:
        """Send one line to every client."""
        for peer in tuple(self._peers):
            peer.send(line)

    def close(self) -> None:
        """Stop listening, end all connections, remove the socket."""
        self._waker.send(b"x")
        self._thread.join()
        for end in (self._listener, self._wake, self._waker):
            end.close()
        self._selector.close()
        self._path.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _serve(self) -> None:
        while True:
            for key, _ in self._selector.select():
                if key.fileobj is self._wake:
                    for peer in tuple(self._peers):
                        self._leave(peer)
                    return
                if key.fileobj is self._listener:
                    self._accept()
                elif isinstance(key.fileobj, Peer):
                    self._read(key.fileobj)

    def _accept(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except OSError as error:
            log.warning("a client could not be let in: %s", error)
            return
        if len(self._peers) >= MAX_CLIENTS:
            log.warning("more than %d clients: the newest is turned away", MAX_CLIENTS)
            connection.close()
            return
        peer = Peer(connection, self._max_line)
        self._peers.append(peer)
        self._selector.register(peer, selectors.EVENT_READ)
        self._heard(Joined(peer))

    def _read(self, peer: Peer) -> None:
        lines = peer.receive()
        if lines is None:
            self._leave(peer)
            return
        for line in lines:
            self._heard(Line(peer, line))

    def _leave(self, peer: Peer) -> None:
        self._selector.unregister(peer)
        self._peers.remove(peer)
        peer.close()
        self._heard(Left(peer))


class Link:
    """A client that connects to ``path`` again and again, with growing pauses, until closed."""

    def __init__(self, path: Path, heard: Callback, *, max_line: int = MAX_LINE_BYTES) -> None:
        self._path = path
        self._heard = heard
        self._max_line = max_line
        self._peer: Peer | None = None
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"link {path.name}", daemon=True)
        self._thread.start()

    def send(self, line: bytes) -> bool:
        """Send one line; False where there is no connection. Never waits, never raises."""
        peer = self._peer
        return peer is not None and peer.send(line)

    def close(self) -> None:
        """End the connection and the thread."""
        self._over.set()
        peer = self._peer
        if peer is not None:
            peer.drop()
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _run(self) -> None:
        pause = FIRST_RETRY_SECONDS
        while not self._over.is_set():
            try:
                peer = Peer(_connected(self._path), self._max_line)
            except OSError:
                self._over.wait(pause)
                pause = min(2 * pause, LAST_RETRY_SECONDS)
                continue
            pause = FIRST_RETRY_SECONDS
            self._stay(peer)

    def _stay(self, peer: Peer) -> None:
        self._peer = peer
        if self._over.is_set():  # closed while the connection came about
            peer.drop()
        self._heard(Joined(peer))
        while (lines := peer.receive()) is not None:
            for line in lines:
                self._heard(Line(peer, line))
        self._peer = None
        peer.close()
        self._heard(Left(peer))


def ask_once(path: Path, line: bytes, within: float, *, max_line: int = MAX_LINE_BYTES) -> bytes:
    """Send one line to the server at ``path`` and return the first that comes back. Raises `SocketError`."""
    try:
        with contextlib.closing(_connected(path)) as connection:
            connection.settimeout(within)
            connection.sendall(line + b"\n")
            answer = b""
            while b"\n" not in answer and len(answer) <= max_line:
                chunk = connection.recv(CHUNK_BYTES)
                if not chunk:
                    break
                answer += chunk
    except OSError as error:
        msg = f"nobody answers at {path}: {error}"
        raise SocketError(msg) from error
    if b"\n" not in answer:
        msg = f"the answer at {path} broke off"
        raise SocketError(msg)
    return answer.split(b"\n", 1)[0]


def _connected(path: Path) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.connect(str(path))
    except OSError:
        connection.close()
        raise
    return connection
