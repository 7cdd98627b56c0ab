"""A group chat on this machine: takes what robots post and answers as told."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any


class Chat:
    """What came in, and what it answers next."""

    def __init__(self) -> None:
        self.posts: list[tuple[str, dict[str, Any]]] = []
        self.answer: bytes = b'{"errcode": 0, "code": 0}'
        self.status, self.location, self.port = 200, "", 0

    @property
    def address(self) -> str:
        """A robot's webhook."""
        return f"http://127.0.0.1:{self.port}/send?key=very-secret-key"

    @property
    def texts(self) -> list[str]:
        """What was said, oldest first."""
        return [
            body.get("text", body)["content"] if "text" in body else body["content"]["text"]
            for _, body in self.posts
        ]


@contextmanager
def group_chat() -> Iterator[Chat]:
    """Listening until the end of the block."""
    chat = Chat()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            chat.posts.append((self.path, json.loads(raw)))
            self.send_response(chat.status)
            if chat.location:
                self.send_header("Location", chat.location)
            self.send_header("Content-Length", str(len(chat.answer)))
            self.end_headers()
            self.wfile.write(chat.answer)

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    chat.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield chat
    server.shutdown()
    thread.join()
    server.server_close()
