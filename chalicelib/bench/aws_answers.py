"""What a cold start asks of AWS, answered on loopback: the table in memory, and one secret."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from chalicelib.bench.aws_table import Table, properties
from chalicelib.bench.aws_wire import answered


class Answers:
    """A table, an empty one as it is deployed to begin with, and the secret that the functions ask for."""

    def __init__(self, secret: str) -> None:
        self.table, self._secret = Table(properties()), secret

    def __getattr__(self, operation: str) -> Any:
        return getattr(self.table, operation)

    def get_secret_value(self, **request: Any) -> dict[str, Any]:
        """GetSecretValue."""
        return {"Name": request["SecretId"], "SecretString": self._secret}


@contextmanager
def served(answers: Answers) -> Iterator[dict[str, str]]:
    """The environment variables with which AWS's SDK asks them."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 1 << 16
        """Head and body in one packet: two wait 40 ms for each other."""

        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            operation = self.headers["X-Amz-Target"].rpartition(".")[2]
            status, body = answered(answers, operation, request)
            self.send_response(status)
            self.send_header("Content-Type", "application/x-amz-json-1.0")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing: what is asked is measured, not told."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        keys = {"AWS_ACCESS_KEY_ID": "nobody", "AWS_SECRET_ACCESS_KEY": "nothing"}
        address = f"http://127.0.0.1:{server.server_address[1]}"
        yield {"AWS_ENDPOINT_URL": address, "AWS_DEFAULT_REGION": "cn-north-1", **keys}
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
