"""The stack moves to a restored table: backed up, brought back into a new table, and used by all functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from chalicelib.adapters.dynamo import DynamoStore
from chalicelib.model.contact import Contact
from infra.aws.driving import Stack, hold, reaches
from infra.aws.storage import TABLE

BESIDE = "huisheng-table"
"""The stack that makes a table and nothing else."""


def move(
    root: Path, stack: Stack, deploy: Callable[[Mapping[str, str]], dict[str, str]], token: str
) -> Stack:
    """The stack on its new table, after a further contact has gone through it; the old table is left as it was."""
    before = _contacts(stack)
    new = _new_table(stack)
    with TemporaryDirectory() as folder:
        file = str(Path(folder) / "backup.zip")
        packed = stack.voc(root, "backup", "--out", file)
        moved = Stack({**stack.said, "TableName": new}, stack.env)
        back = moved.voc(root, "restore", "--in", file)
    hold(packed["counts"] == back["counts"], "all is restored", str(back["counts"]))
    hold(moved.voc(root, "rebuild", "--check")["differences"] == 0, "restored numbers", "differ")
    label = stack.client("dynamodb").describe_table(TableName=new)["Table"]["LatestStreamLabel"]
    said = deploy({"UseTable": new, "UseTableStream": label})
    hold(said["TableName"] == new, "the stack uses the restored table", said["TableName"])
    hold(deploy({})["TableName"] == new, "a further update keeps it", "the choice was lost")
    further = {
        "text": "快递三天了还没送到",
        "channel": "phone",
        "external_id": "moved",
        "customer": "13900000009",
    }
    hold(
        moved.ask("POST", "/contacts", further, token)["status"] == "taken",
        "POST /contacts",
        "after the move",
    )
    reaches(lambda: _contacts(moved), before + 1, "contacts read in the restored table")
    hold(_contacts(stack) == before, "the old table stays as it was", "it changed")
    return Stack(said, stack.env)


def _new_table(stack: Stack) -> str:
    cloudformation: Any = stack.client("cloudformation")
    cloudformation.create_stack(StackName=BESIDE, TemplateBody=TABLE.read_text("utf-8"))
    cloudformation.get_waiter("stack_create_complete").wait(StackName=BESIDE)
    found = cloudformation.describe_stack_resource(StackName=BESIDE, LogicalResourceId="Table")
    return str(found["StackResourceDetail"]["PhysicalResourceId"])


def _contacts(stack: Stack) -> int:
    """Those that have been read."""
    store = DynamoStore(stack.client("dynamodb"), stack.said["TableName"])
    return sum(1 for contact in store.scan(Contact) if not contact.pending)
