"""One day of a company on the deployed stack: sign in, contacts over every way in, a poison message, the clocks."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import boto3
from botocore.config import Config

from chalicelib.adapters.dynamo import DynamoStore
from chalicelib.model.case import Case
from chalicelib.model.contact import Contact
from chalicelib.model.errors import Invalid
from infra.aws.deploying import Clients, deploy, own_bucket, remove
from infra.aws.emulator import ACCOUNT, REGION
from infra.aws.wheels import Say

STACK = "huisheng"
TEXTS = (
    "快递三天了还没送到，太慢了",
    "包裹被压坏了，里面全碎了",
    "退款两个星期了还没到账",
    "多扣了我一笔钱，请退给我",
)
"""Each speaks of one cause of the default taxonomy."""
PATIENCE, PAUSE = 120.0, 1.0
"""Seconds without any progress, and between two looks."""
BULK = 50


@dataclass(frozen=True)
class Stack:
    """The deployed stack, and how to speak with it."""

    said: Mapping[str, str]
    env: Mapping[str, str]

    def client(self, service: str) -> Any:
        """A client of boto3's; they have no static type."""
        return boto3.client(
            service,
            region_name=self.env["AWS_DEFAULT_REGION"],
            endpoint_url=self.env["AWS_ENDPOINT_URL"],
            aws_access_key_id=self.env["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.env["AWS_SECRET_ACCESS_KEY"],
            config=Config(read_timeout=180, retries={"mode": "standard"}),
        )

    def ask(self, method: str, path: str, body: Any = None, token: str = "") -> Any:
        """A request over the emulated API Gateway; its JSON."""
        url = f"{self.env['AWS_ENDPOINT_URL']}/restapis/{self.said['RestAPIId']}/api/_user_request_{path}"
        headers = {"Content-Type": "application/json"} | (
            {"Authorization": f"Bearer {token}"} if token else {}
        )
        data = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        with urlopen(Request(url, data, headers, method=method), timeout=180) as answer:
            return json.load(answer)

    def voc(self, root: Path, *arguments: str, typed: str = "") -> dict[str, Any]:
        """A command of an operator's at the table; what it says in JSON."""
        own = {
            **self.env,
            "PYTHONPATH": str(root),
            "VOC_TABLE": self.said["TableName"],
            "VOC_SECRET_NAME": self.said["SecretName"],
        }
        command = [sys.executable, "-P", "-m", "chalicelib.cli", *arguments, "--json"]
        done = subprocess.run(command, env=own, input=typed, capture_output=True, text=True)
        _hold(done.returncode == 0, f"voc {arguments[0]}", done.stderr.strip()[-300:])
        said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return said


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
    stack = Stack(step("deploy", lambda: deploy(clients, STACK, out, bucket, {}, say)), env)
    token = step("sign in", lambda: _signed_in(root, stack))
    step("send", lambda: _send(stack, token, contacts))
    step("tagged, routed, counted", lambda: _all_done(stack, contacts))
    counted = step("recount", lambda: stack.voc(root, "rebuild", "--check"))
    step("poison and redrive", lambda: _poison(stack, contacts))
    step("clocks", lambda: _clocks(stack))
    cases = sum(1 for _ in _store(stack).scan(Case))
    step("delete", lambda: _gone(stack, clients, contacts + 1))
    return {"contacts": contacts + 1, "cases": cases, "entities": counted["entities"], "seconds": seconds}


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
    """Half over the API, of that some one by one; half over the queue."""
    rows = _rows(contacts)
    half = contacts // 2
    single = rows[: min(5, half)]
    for row in single:
        _hold(
            stack.ask("POST", "/contacts", row, token)["status"] == "taken",
            "POST /contacts",
            row["external_id"],
        )
    for part in _parts(rows[len(single) : half], BULK):
        answer = stack.ask("POST", "/contacts/bulk", {"contacts": part}, token)
        _hold(answer["taken"] == len(part), "POST /contacts/bulk", str(answer["refused"]))
    sqs, url = stack.client("sqs"), stack.said["IntakeQueueURL"]
    for part in _parts(rows[half:], 10):
        entries = [
            {"Id": row["external_id"], "MessageBody": json.dumps(row, ensure_ascii=False)} for row in part
        ]
        sqs.send_message_batch(QueueUrl=url, Entries=entries)


def _parts(rows: list[dict[str, str]], size: int) -> list[list[dict[str, str]]]:
    return [rows[i : i + size] for i in range(0, len(rows), size)]


def _store(stack: Stack) -> DynamoStore:
    return DynamoStore(stack.client("dynamodb"), stack.said["TableName"])


def _all_done(stack: Stack, contacts: int) -> None:
    """Every contact is there once, was read, has a cause and a case."""

    def done() -> int:
        found = list(_store(stack).scan(Contact))
        _hold(len(found) <= contacts, "each contact once", f"{len(found)} > {contacts}")
        return sum(1 for c in found if not c.pending and c.causes and c.case)

    _reaches(done, contacts, "contacts tagged, routed and counted")


def _poison(stack: Stack, contacts: int) -> None:
    """No contact at all: it comes to the dead letters, is mended there and sent again."""
    sqs, queue = stack.client("sqs"), stack.said["IntakeQueueURL"]
    # Five tries at the real six minutes each would take half an hour.
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"VisibilityTimeout": "1"})
    sqs.send_message(QueueUrl=queue, MessageBody=json.dumps({"text": "", "channel": "phone"}))
    dead = stack.client("cloudformation").describe_stack_resource(
        StackName=STACK, LogicalResourceId="IntakeDead"
    )["StackResourceDetail"]["PhysicalResourceId"]
    found: list[dict[str, Any]] = []

    def arrived() -> int:
        found.extend(sqs.receive_message(QueueUrl=dead, WaitTimeSeconds=1).get("Messages", ()))
        return len(found)

    _reaches(arrived, 1, "poison message among the dead letters")
    mended = {**json.loads(found[0]["Body"]), "text": TEXTS[0], "external_id": "mended"}
    sqs.send_message(QueueUrl=queue, MessageBody=json.dumps(mended, ensure_ascii=False))
    sqs.delete_message(QueueUrl=dead, ReceiptHandle=found[0]["ReceiptHandle"])
    _all_done(stack, contacts + 1)


def _clocks(stack: Stack) -> None:
    """Each function that a clock sets off does its round."""
    cloudformation, functions = stack.client("cloudformation"), stack.client("lambda")
    for name in ("Owed", "Schedule", "Study"):
        found = cloudformation.describe_stack_resource(StackName=STACK, LogicalResourceId=name)
        function = found["StackResourceDetail"]["PhysicalResourceId"]
        answer = functions.invoke(FunctionName=function, Payload=b"{}")
        _hold("FunctionError" not in answer, name, answer["Payload"].read().decode()[:300])


def _gone(stack: Stack, clients: Clients, contacts: int) -> None:
    """The functions are, and the contacts are not."""
    remove(clients, STACK)
    left = [f["FunctionName"] for f in stack.client("lambda").list_functions()["Functions"]]
    _hold(not left, "no function is left", ", ".join(left))
    kept = sum(1 for _ in _store(stack).scan(Contact))
    _hold(kept == contacts, "the table outlives the stack", f"{kept} of {contacts}")


def _reaches(count: Callable[[], int], wanted: int, what: str) -> None:
    """Wait as long as it goes on: a slow machine is no failure, standing still is one."""
    best, until = -1, 0.0
    while (now := count()) < wanted:
        if now > best:
            best, until = now, time.monotonic() + PATIENCE
        _hold(time.monotonic() < until, f"{wanted} {what}", f"{now}, {PATIENCE:.0f} s")
        time.sleep(PAUSE)


def _hold(true: bool, what: str, why: str) -> None:
    if not true:
        raise Invalid("e2e.failed", f"没有做到：{what}", f"this did not come about: {what}", why)
