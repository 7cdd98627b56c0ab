"""Away with a stack: what goes and what stays is said before, buckets are emptied, a receipt after."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from chalicelib.model.errors import Invalid
from infra.aws.deploying import Clients, remove
from infra.aws.table import NAME

ATTEMPTS = 3
"""What is written into a bucket between its emptying and its end keeps it: then it is emptied again."""
UNREAD = "in/"
"""Where dropped files lie that nobody has read yet."""
TABLE, KEY = "AWS::DynamoDB::Table", "AWS::KMS::Key"


class Removers(NamedTuple):
    """Low-level clients of one account and region."""

    cloudformation: Any
    s3: Any
    ses: Any
    dynamodb: Any


@dataclass(frozen=True)
class Resource:
    """One of a stack's: its name in the template, type and name in the account; whether it outlives the stack. A
    table that is no longer, or never was, in the template has the parameter's name or its own."""

    name: str
    kind: str
    id: str
    stays: bool


@dataclass(frozen=True)
class Plan:
    """What there is before anything is touched."""

    stack: str
    resources: tuple[Resource, ...]
    objects: dict[str, int]
    """Bucket that goes -> objects in it, all versions."""
    unread: int
    """Dropped files among them that became no contacts yet."""

    @property
    def stays(self) -> list[Resource]:
        """What is kept."""
        return [one for one in self.resources if one.stays]


def plan(clients: Removers, stack: str) -> Plan:
    """What a stack has. Raises Invalid when there is no such stack."""
    resources = list(_resources(clients.cloudformation, stack))
    resources += _tables_beside(clients, stack, resources)
    buckets = [one.id for one in resources if one.kind == "AWS::S3::Bucket" and not one.stays]
    keys = {bucket: [key for key, _ in _objects(clients.s3, bucket)] for bucket in buckets}
    dropped = {one.id for one in resources if one.name == "Dropped"}
    unread = sum(key.startswith(UNREAD) for bucket in dropped & set(keys) for key in keys[bucket])
    return Plan(stack, tuple(resources), {bucket: len(found) for bucket, found in keys.items()}, unread)


def destroy(clients: Removers, planned: Plan) -> dict[str, Any]:
    """Delete a stack and what is in its buckets; the receipt. What cannot be had back stays. Raises Invalid with
    CloudFormation's own reason; then it can be called again."""
    _shut_the_mail(clients, planned)
    emptied: dict[str, int] = {}
    for attempt in range(1, ATTEMPTS + 1):
        for bucket in planned.objects:
            emptied[bucket] = emptied.get(bucket, 0) + _empty(clients.s3, bucket)
        try:
            remove(Clients(clients.cloudformation, clients.s3), planned.stack)
            break
        except Invalid:
            if attempt == ATTEMPTS or not any(_objects(clients.s3, bucket) for bucket in planned.objects):
                raise
    return {
        "stack": planned.stack,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "deleted": [one.name for one in planned.resources if not one.stays],
        "objects_deleted": emptied,
        "kept": {one.name: one.id for one in planned.stays},
        "to_remove_what_is_kept": farewell(planned),
        "warning": warning(planned),
    }


def farewell(planned: Plan) -> list[str]:
    """The commands that remove what stays, the key last: without it nothing of the rest can be read."""
    return [
        line.format(one.id)
        for kind, lines in LAST.items()
        for one in planned.stays
        if one.kind == kind
        for line in lines
    ]


def warning(planned: Plan) -> str:
    """Which tables nobody can read once the key is gone; empty without a key."""
    if not any(one.kind == KEY for one in planned.stays):
        return ""
    tables = "、".join(one.id for one in planned.stays if one.kind == TABLE)
    return (
        f"KMS 密钥一删，这些表和它们的备份就再也读不了：{tables}；还要用其中一张，就不要运行最后一条"
        " / once the KMS key is deleted, nobody can read these tables or their backups: whoever still needs one of"
        " them does not run the last command"
    )


LAST = {
    TABLE: (
        "aws dynamodb update-table --table-name {0} --no-deletion-protection-enabled",
        "aws dynamodb delete-table --table-name {0}",
    ),
    "AWS::S3::Bucket": (
        'aws s3api delete-objects --bucket {0} --delete "$(aws s3api list-object-versions --bucket {0} --query'
        " '{{Objects: [Versions, DeleteMarkers][].{{Key: Key, VersionId: VersionId}}}}')\"",
        "aws s3api delete-bucket --bucket {0}",
    ),
    "AWS::SecretsManager::Secret": (
        "aws secretsmanager delete-secret --secret-id {0} --recovery-window-in-days 30",
    ),
    KEY: ("aws kms schedule-key-deletion --key-id {0} --pending-window-in-days 30",),
}
"""In this order."""


def _resources(cloudformation: Any, stack: str) -> Iterator[Resource]:
    try:
        body = cloudformation.get_template(StackName=stack)["TemplateBody"]
    except cloudformation.exceptions.ClientError as error:
        if error.response["Error"]["Code"] != "ValidationError":
            raise
        raise Invalid("destroy.none", "没有这个栈", "there is no such stack", stack) from None
    written = (json.loads(body) if isinstance(body, str) else body)["Resources"]
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack)
    for found in (summary for page in pages for summary in page["StackResourceSummaries"]):
        name, gone = found["LogicalResourceId"], found["ResourceStatus"] == "DELETE_COMPLETE"
        if not gone and found.get("PhysicalResourceId"):
            stays = written.get(name, {}).get("DeletionPolicy") == "Retain"
            yield Resource(name, found["ResourceType"], found["PhysicalResourceId"], stays)


def _tables_beside(clients: Removers, stack: str, resources: Iterable[Resource]) -> Iterator[Resource]:
    """The table that the stack uses instead of its own, and what else the stack's key encrypts: its own table, once
    another is in use, and those of drills. CloudFormation knows none of them."""
    known = {one.id for one in resources}
    (found,) = clients.cloudformation.describe_stacks(StackName=stack)["Stacks"]
    chosen = {p["ParameterKey"]: p["ParameterValue"] for p in found.get("Parameters", ())}
    if (used := chosen.get(NAME)) and used not in known:
        known.add(used)
        yield Resource(NAME, TABLE, used, stays=True)
    keys = tuple(one.id for one in resources if one.kind == KEY)
    pages = clients.dynamodb.get_paginator("list_tables").paginate() if keys else ()
    for name in (name for page in pages for name in page["TableNames"] if name not in known):
        described = clients.dynamodb.describe_table(TableName=name)["Table"]
        if described.get("SSEDescription", {}).get("KMSMasterKeyArn", "").endswith(keys):
            yield Resource(name, TABLE, name, stays=True)


def _objects(s3: Any, bucket: str) -> list[tuple[str, str]]:
    """Key and version of everything in a bucket; nothing where there is none any more."""
    try:
        pages = list(s3.get_paginator("list_object_versions").paginate(Bucket=bucket))
    except s3.exceptions.ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchBucket":
            raise
        return []
    return [
        (found["Key"], found["VersionId"])
        for page in pages
        for what in ("Versions", "DeleteMarkers")
        for found in page.get(what, ())
    ]


def _empty(s3: Any, bucket: str) -> int:
    found = _objects(s3, bucket)
    for start in range(0, len(found), 1_000):
        part = [{"Key": key, "VersionId": version} for key, version in found[start : start + 1_000]]
        errors = s3.delete_objects(Bucket=bucket, Delete={"Objects": part, "Quiet": True}).get("Errors")
        if errors:
            raise Invalid(
                "destroy.bucket",
                "桶没有清空；请检查权限后再运行一次",
                "the bucket could not be emptied; check the permissions and run it again",
                f"{bucket}: {errors[0]['Code']}",
            )
    return len(found)


def _shut_the_mail(clients: Removers, planned: Plan) -> None:
    """A rule set that is active cannot be deleted; one of somebody else's stays active."""
    ours = {one.id for one in planned.resources if one.kind == "AWS::SES::ReceiptRuleSet"}
    if ours:
        active = clients.ses.describe_active_receipt_rule_set().get("Metadata", {}).get("Name")
        if active in ours:
            clients.ses.set_active_receipt_rule_set()
