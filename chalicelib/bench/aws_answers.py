"""Answers for a cold start on this machine: of DynamoDB and Secrets Manager what the first events ask, on loopback.

Keys, ranges and the order of an index are as they are there. Conditions and sums are let through unread: one
process asks at a time, and every start begins with the same table.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Item = dict[str, dict[str, Any]]
Request = dict[str, Any]


class Table:
    """One table in memory, and one secret."""

    def __init__(self, secret: str) -> None:
        self.items: dict[tuple[str, str], Item] = {}
        self._secret = secret

    def answer(self, operation: str, request: Request) -> Any:
        """The answer to one request; KeyError for an operation that no first event needs."""
        operations = {
            "GetSecretValue": self._value,
            "BatchGetItem": self._batch,
            "Query": self._query,
            "TransactWriteItems": self._write,
        }
        return operations[operation](request)

    def _value(self, request: Request) -> Any:
        return {"Name": request["SecretId"], "SecretString": self._secret}

    def _batch(self, request: Request) -> Any:
        found = {}
        for name, asked in request["RequestItems"].items():
            found[name] = [self.items[k] for key in asked["Keys"] if (k := _key(key)) in self.items]
        return {"Responses": found, "UnprocessedKeys": {}}

    def _query(self, request: Request) -> Any:
        given = {
            name: value["S"] for name, value in request["ExpressionAttributeValues"].items() if "S" in value
        }
        if "IndexName" in request:
            return {"Items": [], "Count": 0}
        low, high = given.get(":low", ""), given.get(":high", "\U0010ffff")
        keys = sorted(k for k in self.items if k[0] == given[":pk"] and low <= k[1] <= high)
        ordered = keys if request.get("ScanIndexForward", True) else keys[::-1]
        items = [self.items[k] for k in ordered[: request.get("Limit")]]
        return {"Items": items, "Count": len(items)}

    def _write(self, request: Request) -> Any:
        for part in request["TransactItems"]:
            if put := part.get("Put"):
                self.items[_key(put["Item"])] = put["Item"]
            elif delete := part.get("Delete"):
                self.items.pop(_key(delete["Key"]), None)
        return {}


def _key(item: Item) -> tuple[str, str]:
    return item["pk"]["S"], item["sk"]["S"]


@contextmanager
def served(table: Table) -> Iterator[dict[str, str]]:
    """The environment variables with which AWS's SDK asks this table."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            operation = self.headers["X-Amz-Target"].rpartition(".")[2]
            body = json.dumps(table.answer(operation, request)).encode()
            self.send_response(200)
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
