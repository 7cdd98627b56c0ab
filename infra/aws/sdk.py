"""AWS's SDK as the layer has it: the services that the functions call, and of their description what runs.

The whole SDK describes 400 services; making its first client asks the disk about each of them and reads a file
of all their addresses. Ours is also the version that the tests run with, whatever Lambda's runtime brings.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

SERVICES = frozenset({"dynamodb", "s3", "secretsmanager", "sqs"})
"""Those that `chalicelib/wiring.py` makes clients of."""
DATA = "botocore/data/"


def called(name: str) -> bool:
    """False for a file that describes another service; `name` is its path in the wheel."""
    inside = name.removeprefix(DATA)
    return inside == name or "/" not in inside or inside.split("/")[0] in SERVICES


def shorten(packages: Path) -> None:
    """Take out of the descriptions what no request is made of: other services' addresses, and prose."""
    data = packages / DATA
    addresses = data / "endpoints.json"
    known = json.loads(addresses.read_bytes())
    for partition in known["partitions"]:
        partition["services"] = {s: v for s, v in partition["services"].items() if s in SERVICES}
    addresses.write_text(json.dumps(known), "utf-8")
    for service in data.glob("*/*/service-2.json.gz"):
        told = json.dumps(_without_prose(json.loads(gzip.decompress(service.read_bytes()))))
        service.write_bytes(gzip.compress(told.encode(), mtime=0))


def _without_prose(node: Any) -> Any:
    if isinstance(node, dict):
        # Some of it is asked for by name: it stays, with nothing in it.
        return {
            k: "" if k == "documentation" and isinstance(v, str) else _without_prose(v)
            for k, v in node.items()
        }
    return [_without_prose(each) for each in node] if isinstance(node, list) else node
