"""One day of a company on the deployed stack: sign in, contacts over every way in, a poison message, the clocks, the
move to a restored table."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from chalicelib.adapters.dynamo import DynamoStore
from chalicelib.model.case import Case
from chalicelib.model.contact import Contact
from infra.aws.deploying import Clients, deploy, own_bucket
from infra.aws.destroying import Removers, destroy, plan
from infra.aws.driving import Stack, hold, reaches
from infra.aws.emulator import ACCOUNT, REGION
from infra.aws.moving import move
from infra.aws.wheels import Say

STACK = "huisheng"
TEXTS = (
    "快递三天了还没送到，太慢了",
    "包裹被压坏了，里面全碎了",
    "退款两个星期了还没到账",
    "多扣了我一笔钱，请退给我",
)
"""Each speaks of one cause of the default taxonomy."""
BULK = 50
KEPT = {"UseTable", "Key", "Secret", "Models"}
PARAMETERS = {"ConnectRecords": "true"}
"""Not the mail's: the emulator knows no rules of SES, so the message lies there as SES leaves it."""
LARGE = 2
BY_DOORS = 3 + LARGE
"""Contacts that come by mail, as records of calls and in a file sent to the bucket."""
CALLED = {
    "Channel": "VOICE",
    "InitiationMethod": "INBOUND",
    "Attributes": {"notes": "退款两个星期了还没到账"},
}
MAIL = """\
Return-Path: <li.na@example.com>\r
X-SES-Spam-Verdict: PASS\r
X-SES-Virus-Verdict: PASS\r
From: <li.na@example.com>\r
Message-ID: <1@example.com>\r
\r
包裹被压坏了，里面全碎了\r
"""


def prove(root: Path, out: Path, contacts: int, env: Mapping[str, str], say: Say) -> dict[str, Any]:
    """Deploy what was packaged, live through it, delete it; seconds and counts. Raises Invalid at what is wrong."""
    seconds: dict[str, float] = {}

    def step(name: str, do: Callable[[], Any]) -> Any:
        began = time.monotonic()
        result = do()
        seconds[name] = round(time.monotonic() - began, 1)
        say(f"✓ {name} {seconds[name]} s")
        return result

    bare = Stack({}, env)
    clients = Clients(bare.client("cloudformation"), bare.client("s3"))
    bucket = own_bucket(clients.s3, ACCOUNT, REGION)

    def deployed(chosen: Mapping[str, str]) -> dict[str, str]:
        return deploy(clients, STACK, out, bucket, {**PARAMETERS, **chosen}, say)

    stack = Stack(step("deploy", lambda: deployed({})), env)
    token = step("sign in", lambda: _signed_in(root, stack))
    step("send", lambda: _send(stack, token, contacts))
    step("mail, calls, a large file", lambda: _by_doors(stack, token))
    contacts += BY_DOORS
    step("tagged, routed, counted", lambda: _all_done(stack, contacts))
    counted = step("recount", lambda: stack.voc(root, "rebuild", "--check"))
    step("poison and redrive", lambda: _poison(stack, token, contacts))
    step("clocks", lambda: _clocks(stack))
    moved = step("back up, restore, move", lambda: move(root, stack, deployed, token))
    cases = sum(1 for _ in _store(moved).scan(Case))
    step("delete", lambda: _gone(moved, clients, contacts + 2))
    return {"contacts": contacts + 2, "cases": cases, "entities": counted["entities"], "seconds": seconds}


def _signed_in(root: Path, stack: Stack) -> str:
    password = secrets.token_urlsafe(16)
    stack.voc(root, "user", "add", "admin", "--role", "admin", typed=password)
    said = stack.ask("POST", "/session", {"name": "admin", "password": password})
    return str(said["token"])


def _rows(contacts: int) -> list[dict[str, str]]:
    return [
        {
            "text": TEXTS[n % len(TEXTS)],
            "channel": "phone",
            "external_id": f"E-{n}",
            "customer": f"138{n:08d}",
        }
        for n in range(contacts)
    ]


def _send(stack: Stack, token: str, contacts: int) -> None:
    """A third over the API, of that some one by one; a third over the queue; a third as a file."""
    rows = _rows(contacts)
    third = contacts // 3
    single = rows[: min(5, third)]
    for row in single:
        hold(
            stack.ask("POST", "/contacts", row, token)["status"] == "taken",
            "POST /contacts",
            row["external_id"],
        )
    for part in _parts(rows[len(single) : third], BULK):
        answer = stack.ask("POST", "/contacts/bulk", {"contacts": part}, token)
        hold(answer["taken"] == len(part), "POST /contacts/bulk", str(answer["refused"]))
    for part in _parts(rows[third : 2 * third], 10):
        messages = [{"Id": row["external_id"], "MessageBody": _json(row)} for row in part]
        stack.client("sqs").send_message_batch(QueueUrl=stack.said["IntakeQueueURL"], Entries=messages)
    file = "\n".join(_json(row) for row in rows[2 * third :])
    stack.client("s3").put_object(
        Bucket=stack.said["DropBucket"], Key="in/shop/day.jsonl", Body=file.encode()
    )


def _by_doors(stack: Stack, token: str) -> None:
    """A message, and two calls whose records come without a line between them."""
    s3, firehose = stack.client("s3"), stack.client("firehose")
    s3.put_object(Bucket=stack.said["DropBucket"], Key="in/mail/o3vrnil0e2ic28tr", Body=MAIL.encode())
    records = [{"Data": _json({"ContactId": f"call-{n}", **CALLED}).encode()} for n in range(2)]
    answer = firehose.put_record_batch(DeliveryStreamName=stack.said["RecordsStream"], Records=records)
    hold(answer["FailedPutCount"] == 0, "Firehose", str(answer["RequestResponses"])[:300])
    _large(stack, token)


def _large(stack: Stack, token: str) -> None:
    """As a browser sends a file too large for a request: by a signed form, to the bucket itself."""
    rows = "".join(f"多扣了我一笔钱，请退给我，第 {n} 次,电话\n" for n in range(LARGE)) + ",电话\n"
    offer = stack.ask("POST", "/imports/large", {"name": "a.csv", "size": len(rows.encode())}, token)
    stack.send_form(offer["url"], offer["fields"], f"内容,渠道\n{rows}".encode())

    def progress() -> dict[str, Any]:
        found: dict[str, Any] = stack.ask("GET", f"/imports/large/{offer['ticket']}", token=token)
        return found

    reaches(lambda: int(progress()["state"] == "done"), 1, "large file read")
    found = progress()
    counts = [found[name] for name in ("taken", "known", "refused")]
    hold(counts == [LARGE, 0, 1] and len(found["refused_rows"]) == 1, "its receipt", str(found["problem"]))


def _json(row: dict[str, Any]) -> str:
    return json.dumps(row, ensure_ascii=False)


def _parts(rows: list[dict[str, str]], size: int) -> list[list[dict[str, str]]]:
    return [rows[i : i + size] for i in range(0, len(rows), size)]


def _store(stack: Stack) -> DynamoStore:
    return DynamoStore(stack.client("dynamodb"), stack.said["TableName"])


def _all_done(stack: Stack, contacts: int) -> None:
    """Every contact is there once, was read, has a cause and a case."""

    def done() -> int:
        found = list(_store(stack).scan(Contact))
        hold(len(found) <= contacts, "each contact once", f"{len(found)} > {contacts}")
        return sum(1 for c in found if not c.pending and c.causes and c.case)

    reaches(done, contacts, "contacts tagged, routed and counted")


def _poison(stack: Stack, token: str, contacts: int) -> None:
    """No contact at all: it comes to the dead letters and is discarded with a receipt; one that was refused for a
    while is sent again and taken."""
    sqs, queue = stack.client("sqs"), stack.said["IntakeQueueURL"]
    # Five tries at the real six minutes each would take half an hour.
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"VisibilityTimeout": "1"})
    sqs.send_message(QueueUrl=queue, MessageBody=_json({"text": "", "channel": "phone"}))

    def letters() -> list[dict[str, Any]]:
        found = stack.ask("GET", "/dead-queues", token=token)["queues"]
        return next(one["letters"] for one in found if one["queue"] == "intake")

    reaches(lambda: len(letters()), 1, "poison message among the dead letters")
    (poison,) = letters()
    hold(poison["where"] == "text", "its reason", str(poison))
    gone = stack.ask("POST", "/dead-queues/intake/discard", {"confirm": "intake"}, token)["receipt"]
    hold(gone["letters"] == [poison["id"]], "its receipt", str(gone))
    dead = stack.client("cloudformation").describe_stack_resource(
        StackName=STACK, LogicalResourceId="IntakeDead"
    )["StackResourceDetail"]["PhysicalResourceId"]
    mended = {"text": TEXTS[0], "channel": "phone", "external_id": "mended"}
    sqs.send_message(QueueUrl=dead, MessageBody=_json(mended))
    sent = stack.ask("POST", "/dead-queues/intake/again", {}, token)["sent"]
    hold(sent == 1, "sent again", str(sent))
    _all_done(stack, contacts + 1)


def _clocks(stack: Stack) -> None:
    """Each function that a clock sets off does its round."""
    cloudformation, functions = stack.client("cloudformation"), stack.client("lambda")
    for name in ("Owed", "Schedule", "Study"):
        found = cloudformation.describe_stack_resource(StackName=STACK, LogicalResourceId=name)
        function = found["StackResourceDetail"]["PhysicalResourceId"]
        answer = functions.invoke(FunctionName=function, Payload=b"{}")
        hold("FunctionError" not in answer, name, answer["Payload"].read().decode()[:300])


def _gone(stack: Stack, clients: Clients, contacts: int) -> None:
    """The functions are, and the buckets with what was in them; the contacts are not."""
    removers = Removers(clients.cloudformation, clients.s3, stack.client("ses"), stack.client("dynamodb"))
    receipt = destroy(removers, plan(removers, STACK))
    kept = receipt["kept"]  # the table before the move too, where it is told whose key encrypts it: not here
    hold(kept.keys() >= KEPT, "what stays", str(kept))
    buckets = {bucket["Name"] for bucket in clients.s3.list_buckets()["Buckets"]}
    hold(not buckets & set(receipt["objects_deleted"]), "no bucket is left", str(buckets))
    left = [f["FunctionName"] for f in stack.client("lambda").list_functions()["Functions"]]
    hold(not left, "no function is left", ", ".join(left))
    found = sum(1 for _ in _store(stack).scan(Contact))
    hold(found == contacts, "the table outlives the stack", f"{found} of {contacts}")
