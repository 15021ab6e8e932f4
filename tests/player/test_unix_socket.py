"""The player, core, sync and the `estation` command speak over sockets on which nobody can hold up anybody."""

from __future__ import annotations

import queue
import socket
import time

import pytest

from estation_box.drivers.unix_socket import MAX_CLIENTS, Joined, Left, Line, Link, Server, SocketError, ask_once

PATIENCE = 10.0


@pytest.fixture
def path(tmp_path):
    return tmp_path / "x.sock"


def connected(path):
    client = socket.socket(socket.AF_UNIX)
    client.connect(str(path))
    client.settimeout(PATIENCE)
    return client


def until(heard, kind):
    while True:
        event = heard.get(timeout=PATIENCE)
        if isinstance(event, kind):
            return event


def test_lines_go_both_ways_and_come_whole(path):
    """A line that comes in pieces, or with others, is heard as one line."""
    there, here = queue.Queue(), queue.Queue()
    with Server(path, there.put) as server, Link(path, here.put) as link:
        until(here, Joined)
        assert link.send(b'{"a":1}\n{"b":2}')
        assert [until(there, Line).line, until(there, Line).line] == [b'{"a":1}', b'{"b":2}']
        server.tell_all("科普".encode())
        assert until(here, Line).line == "科普".encode()


def test_a_link_comes_back_after_its_server_was_gone(path):
    """Core finds a restarted player by itself."""
    heard = queue.Queue()
    with Link(path, heard.put) as link:
        assert not link.send(b"nobody there")
        with Server(path, lambda _: None):
            until(heard, Joined)
        until(heard, Left)
        with Server(path, lambda _: None):
            until(heard, Joined)


def test_a_slow_reader_is_dropped_and_holds_up_nobody(path):
    """Who does not read loses the connection; telling goes on at once."""
    heard = queue.Queue()
    with Server(path, heard.put) as server, connected(path):
        until(heard, Joined)
        begun = time.monotonic()
        for _ in range(100):
            server.tell_all(b"x" * 100_000)
        assert time.monotonic() - begun < 2
        until(heard, Left)


def test_an_endless_line_ends_the_connection(path):
    """Nobody can fill the memory."""
    heard = queue.Queue()
    with Server(path, heard.put, max_line=1000), connected(path) as client:
        client.sendall(b"x" * 3000)
        assert client.recv(1) == b""
        until(heard, Left)


def test_a_crowd_is_turned_away(path):
    """More clients than there can be are not let in; those that are in stay."""
    heard = queue.Queue()
    with Server(path, heard.put) as server:
        inside = []
        for _ in range(MAX_CLIENTS):
            inside.append(connected(path))
            until(heard, Joined)
        outside = connected(path)
        assert outside.recv(1) == b""
        server.tell_all(b"hello")
        assert inside[0].recv(10) == b"hello\n"
        for client in [*inside, outside]:
            client.close()


def test_one_question_gets_one_answer(path):
    """The `estation` command asks and leaves."""
    with Server(path, lambda event: event.peer.send(b"to " + event.line) if isinstance(event, Line) else None):
        assert ask_once(path, b"status", PATIENCE) == b"to status"


def test_a_question_to_nobody_says_so(path):
    """Without a server, or with a silent one, the asker hears a plain word in time."""
    with pytest.raises(SocketError, match="nobody answers"):
        ask_once(path, b"x", 1)
    with Server(path, lambda _: None), pytest.raises(SocketError, match="nobody answers"):
        ask_once(path, b"x", 0.2)
    with (
        Server(path, lambda event: event.peer.drop() if isinstance(event, Line) else None),
        pytest.raises(SocketError, match="broke off"),
    ):
        ask_once(path, b"x", PATIENCE)


def test_a_socket_that_cannot_be_made_says_where(tmp_path):
    """A missing runtime directory is named."""
    with pytest.raises(SocketError, match="cannot listen at"):
        Server(tmp_path / "missing" / "x.sock", lambda _: None)
