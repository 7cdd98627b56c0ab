"""A packaged folder becomes a stack: files to a bucket, a change set, the pages; and away with it again."""

from __future__ import annotations

import json
import time
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from chalicelib.model.errors import Invalid
from chalicelib.pages import Pages
from infra.aws.package import TEMPLATE
from infra.aws.wheels import Say
from infra.venv import digest

CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]
"""Roles without names of their own, and the transform that Chalice's template is written for."""
PAUSE, PATIENCE = 2.0, 1_800.0
"""Seconds between two looks, and after which no end is expected any more."""


class Clients(NamedTuple):
    """Low-level clients of one account and region; boto3 gives them no static type."""

    cloudformation: Any
    s3: Any


def deploy(
    clients: Clients, stack: str, out: Path, bucket: str, parameters: Mapping[str, str], say: Say
) -> dict[str, str]:
    """Make the stack or bring it up to date; its outputs. Raises Invalid with CloudFormation's own reason."""
    status = _status(clients, stack)
    if status == "ROLLBACK_COMPLETE":
        raise Invalid(
            "deploy.first",
            f"第一次部署没有成功，{stack} 不能再更新：先 ./voc destroy --stack {stack}，再部署一次",
            f"its first deployment failed, {stack} cannot be updated: ./voc destroy --stack {stack}, then deploy again",
            status,
        )
    url = upload(clients.s3, bucket, out)
    known = status is not None
    change = clients.cloudformation.create_change_set(
        StackName=stack,
        ChangeSetName=f"voc-{time.time_ns()}",
        ChangeSetType="UPDATE" if known else "CREATE",
        TemplateURL=url,
        Parameters=chosen(_declared(out), _parameters(clients, stack) if known else (), parameters),
        Capabilities=CAPABILITIES,
    )["Id"]
    say(f"CloudFormation {stack}")
    if _has_changes(clients, change):
        clients.cloudformation.execute_change_set(ChangeSetName=change)
        status = _settled(clients, stack)
        if status not in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
            raise _failed(stack, status, _why(clients, stack))
    return outputs(clients, stack)


def chosen(
    declared: Collection[str], before: Collection[str], now: Mapping[str, str]
) -> list[dict[str, Any]]:
    """What the change set is given. What was chosen at an earlier deployment stays as it was: left out it would
    go back to its default, and a stack that works on a restored table would get a new, empty one."""
    kept = sorted(set(declared) & set(before) - now.keys())
    return [
        *({"ParameterKey": k, "ParameterValue": v} for k, v in now.items()),
        *({"ParameterKey": k, "UsePreviousValue": True} for k in kept),
    ]


def _declared(out: Path) -> list[str]:
    return list(json.loads((out / TEMPLATE).read_text("utf-8")).get("Parameters", ()))


def _parameters(clients: Clients, stack: str) -> list[str]:
    (found,) = clients.cloudformation.describe_stacks(StackName=stack)["Stacks"]
    return [parameter["ParameterKey"] for parameter in found.get("Parameters", ())]


def outputs(clients: Clients, stack: str) -> dict[str, str]:
    """What the stack says of itself."""
    (found,) = clients.cloudformation.describe_stacks(StackName=stack)["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in found.get("Outputs", ())}


def remove(clients: Clients, stack: str) -> None:
    """Delete the stack; what cannot be had back stays: table, key, secret, models."""
    clients.cloudformation.delete_stack(StackName=stack)
    if (status := _settled(clients, stack)) not in (None, "DELETE_COMPLETE"):
        raise _failed(stack, status, _why(clients, stack))


def upload(s3: Any, bucket: str, out: Path) -> str:
    """Put the zip files and the template that names them into the bucket, once each; the template's address."""
    if not (out / TEMPLATE).exists():
        raise Invalid(
            "deploy.package",
            "这里没有打好的包；请先 ./voc package --out 这个文件夹",
            "nothing is packaged there; first run ./voc package --out with this folder",
            str(out),
        )
    template: dict[str, Any] = json.loads((out / TEMPLATE).read_text("utf-8"))
    for resource in template["Resources"].values():
        for uri in ("CodeUri", "ContentUri"):
            local = resource.get("Properties", {}).get(uri)
            if isinstance(local, str):
                resource["Properties"][uri] = {"Bucket": bucket, "Key": _put(s3, bucket, out / local)}
    body = json.dumps(template, ensure_ascii=False).encode()
    key = f"{digest(body)[:32]}.json"
    s3.put_object(Bucket=bucket, Key=key, Body=body)
    return f"{s3.meta.endpoint_url}/{bucket}/{key}"


def _put(s3: Any, bucket: str, path: Path) -> str:
    body = path.read_bytes()
    key = f"{digest(body)[:32]}.zip"
    if not s3.list_objects_v2(Bucket=bucket, Prefix=key).get("Contents"):
        s3.put_object(Bucket=bucket, Key=key, Body=body)
    return key


def upload_pages(s3: Any, bucket: str, folder: Path) -> int:
    """Put the built pages into their bucket with the headers they are served with; how many."""
    files = Pages(folder).files()
    # The start page last: it names files that must be there by then.
    for name, file in sorted(files.items(), key=lambda pair: pair[0].endswith(".html")):
        kept = {h.replace("-", ""): file.headers[h] for h in ("Content-Type", "Cache-Control")}
        s3.put_object(Bucket=bucket, Key=name, Body=file.body, **kept)
    return len(files)


def own_bucket(s3: Any, account: str, region: str) -> str:
    """The bucket for packages of this account and region, made if need be."""
    name = f"huisheng-packages-{account}-{region}"
    if name not in {found["Name"] for found in s3.list_buckets()["Buckets"]}:
        where = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        s3.create_bucket(Bucket=name, **where)
    return name


def _has_changes(clients: Clients, change: str) -> bool:
    def status() -> tuple[str, str]:
        found = clients.cloudformation.describe_change_set(ChangeSetName=change)
        return found["Status"], found.get("StatusReason", "")

    until = time.monotonic() + PATIENCE
    while (said := status())[0].endswith(("PENDING", "IN_PROGRESS")) and time.monotonic() < until:
        time.sleep(PAUSE)
    if said[0] == "CREATE_COMPLETE":
        return True
    if "didn't contain changes" in said[1] or "No updates" in said[1]:
        return False
    raise _failed(change.rsplit("/", 2)[-2], *said)


def _status(clients: Clients, stack: str) -> str | None:
    """None when there is no such stack."""
    try:
        (found,) = clients.cloudformation.describe_stacks(StackName=stack)["Stacks"]
    except clients.cloudformation.exceptions.ClientError as error:
        if error.response["Error"]["Code"] != "ValidationError":
            raise
        return None
    return str(found["StackStatus"])


def _settled(clients: Clients, stack: str) -> str | None:
    until = time.monotonic() + PATIENCE
    while (status := _status(clients, stack) or "").endswith("_IN_PROGRESS") and time.monotonic() < until:
        time.sleep(PAUSE)
    return status or None


def _why(clients: Clients, stack: str) -> str:
    """The first thing that went wrong."""
    events = clients.cloudformation.describe_stack_events(StackName=stack)["StackEvents"]
    failed = [e for e in events if e["ResourceStatus"].endswith("_FAILED") and e.get("ResourceStatusReason")]
    return f"{failed[-1]['LogicalResourceId']}: {failed[-1]['ResourceStatusReason']}" if failed else ""


def _failed(stack: str, status: str | None, why: str) -> Invalid:
    return Invalid(
        "deploy.failed",
        f"{stack} 没有部署成：{status}；原因见括号",
        f"{stack} could not be deployed: {status}; the reason is in parentheses",
        why,
    )
