"""A role for each function with what it does and nothing else, written by hand from what its code calls."""

from __future__ import annotations

from typing import Any

from infra.aws import table
from infra.aws.functions import FUNCTIONS
from infra.aws.terms import Resources, allow, att, name_of, sub, when

Statement = dict[str, Any]
TABLE = table.arn()
READ = ["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query", "dynamodb:ConditionCheckItem"]
WRITE = [f"dynamodb:{name}" for name in ("PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem")]
"""Also what a transaction is made of."""


def _indexes(*names: str) -> Statement:
    return allow(["dynamodb:Query"], *(sub("${TableArn}/index/" + name, TableArn=TABLE) for name in names))


def _listing(bucket: str, keys: str) -> Statement:
    """Without it a missing file looks like a forbidden one."""
    listed = {"StringLike": {"s3:prefix": keys}}
    return {**allow(["s3:ListBucket"], att(bucket, "Arn")), "Condition": listed}


def _models(*actions: str) -> list[Statement]:
    """Trained taggers."""
    allowed = allow([f"s3:{action}" for action in actions], sub("${Models.Arn}/models/*"))
    return [allowed, _listing("Models", "models/*")]


def _polled(*queues: str) -> Statement:
    actions = ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes", "ChangeMessageVisibility")
    return allow([f"sqs:{action}" for action in actions], *(att(queue, "Arn") for queue in queues))


CALLS: dict[str, list[Statement]] = {
    # Suggests with the live tagger; the status page counts what is owed and lists the dead letters, which an admin
    # sends again or discards.
    "APIHandler": [
        _indexes("work", "dead"),
        *_models("GetObject"),
        _polled("IntakeDead", "DropDead", "StreamDead"),
        allow(["sqs:SendMessage"], att("IntakeQueue", "Arn"), att("DropQueue", "Arn")),
        # Signs for browsers: one large file in, its receipt and refused rows out. Receipts say why a file is dead.
        allow(["s3:PutObject"], sub("${Dropped.Arn}/in/web/*")),
        allow(["s3:GetObject"], sub("${Dropped.Arn}/out/*")),
        _listing("Dropped", "out/*"),
    ],
    "Stream": [
        *_models("GetObject"),
        allow(
            ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"],
            table.stream(),
        ),
        allow(["dynamodb:ListStreams"], sub("${TableArn}/stream/*", TableArn=TABLE)),
        allow(["sqs:SendMessage"], att("StreamDead", "Arn")),
    ],
    "Intake": [_polled("IntakeQueue")],
    "Drop": [
        allow(["s3:GetObject", "s3:DeleteObject"], sub("${Dropped.Arn}/in/*")),
        allow(["s3:GetObject", "s3:PutObject"], sub("${Dropped.Arn}/out/*")),
        allow(["s3:ListBucket"], att("Dropped", "Arn")),
        _polled("DropQueue"),
    ],
    "Owed": [_indexes("work", "dead"), *_models("GetObject")],
    # Judges a week only when nothing of it waits to be read.
    "Schedule": [_indexes("wake", "work")],
    # Learns from all contacts, takes the demo company away, keeps the newest models.
    "Study": [allow(["dynamodb:Scan"], TABLE), *_models("GetObject", "PutObject", "DeleteObject")],
}


def roles() -> Resources:
    """One role a function."""
    return {name_of(one.name, "Role"): _role(one.name) for one in FUNCTIONS}


def _role(function: str) -> dict[str, Any]:
    own = [
        allow([*READ, *WRITE], TABLE),
        allow(["secretsmanager:GetSecretValue"], sub("${Secret}")),
        allow(["kms:Decrypt", "kms:GenerateDataKey"], att("Key", "Arn")),
        allow(["logs:CreateLogStream", "logs:PutLogEvents"], att(name_of(function, "Logs"), "Arn")),
    ]
    traces = sub("arn:${AWS::Partition}:iam::aws:policy/AWSXRayDaemonWriteAccess")
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "AssumeRolePolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"Service": "lambda.amazonaws.com"},
                        "Action": "sts:AssumeRole",
                    }
                ],
            },
            "ManagedPolicyArns": when("Traces", [traces]),
            "Policies": [
                {
                    "PolicyName": "own",
                    "PolicyDocument": {"Version": "2012-10-17", "Statement": [*own, *CALLS[function]]},
                }
            ],
        },
    }
