"""HTTP with one deadline for a whole exchange and a limit to what is read: a slow or endless answer ends.

The timeouts of the standard library begin anew with every read, so that a byte now and then holds a caller for ever.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from functools import partial
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from io import BufferedReader, RawIOBase
from time import monotonic
from typing import Any
from urllib.request import HTTPHandler, HTTPSHandler, Request

LARGEST_ANSWER = 64 << 10
"""Bytes read of one answer, its headers included."""


class _Reads(RawIOBase):
    """A socket's bytes until the deadline, and so many of them."""

    def __init__(self, sock: socket.socket, left: Callable[[], float]) -> None:
        self._sock, self._left, self._room = sock, left, LARGEST_ANSWER
        self._raw = sock.makefile("rb", buffering=0)

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, into: Any) -> int:
        """0 is the end, also when the rest would be too much."""
        self._sock.settimeout(self._left())
        got = self._raw.readinto(memoryview(into)[: self._room]) if self._room else 0
        self._room -= got or 0
        return got or 0

    def close(self) -> None:
        """The socket goes with its last reader."""
        self._raw.close()
        super().close()


class _Answer(HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, left: Callable[[], float], **more: Any) -> None:
        super().__init__(sock, *args, **more)
        plain, self.fp = self.fp, BufferedReader(_Reads(sock, left))
        plain.close()


class _Timed(HTTPConnection):
    """A connection whose timeout is a deadline."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._until = monotonic() + float(self.timeout or 0)
        self._create_connection = self._connected
        self.response_class = partial(_Answer, left=self._left)  # type: ignore[assignment]

    def _left(self) -> float:
        left = self._until - monotonic()
        if left <= 0:
            raise TimeoutError("the deadline has passed")
        return left

    def _connected(self, address: tuple[str, int], *_: Any) -> socket.socket:
        """To the first of the host's addresses that answers, all of them within the deadline."""
        failed = OSError("no address")
        for found in socket.getaddrinfo(*address, type=socket.SOCK_STREAM):
            try:
                sock = socket.create_connection((str(found[4][0]), address[1]), self._left())
            except OSError as error:
                failed = error
            else:
                sock.settimeout(self._left())  # for what follows at once: the handshake
                return sock
        raise failed

    def send(self, data: Any) -> None:
        """Within what is left of the time."""
        if self.sock is not None:
            self.sock.settimeout(self._left())
        super().send(data)


class _TimedTls(_Timed, HTTPSConnection):
    """The same over TLS."""


class TimedHttp(HTTPHandler):
    """http: within the request's timeout as a whole."""

    def http_open(self, req: Request) -> HTTPResponse:
        """One exchange."""
        return self.do_open(_Timed, req)


class TimedHttps(HTTPSHandler):
    """https: within the request's timeout as a whole."""

    def __init__(self, context: Any) -> None:
        super().__init__(context=context)
        self._checks = context

    def https_open(self, req: Request) -> HTTPResponse:
        """One exchange."""
        return self.do_open(_TimedTls, req, context=self._checks)
