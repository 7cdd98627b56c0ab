"""What sets the functions off: the table's stream, the intake queue, the clock; and where what failed goes."""

from __future__ import annotations

import json
from typing import Any

from infra.aws import table
from infra.aws.functions import DEAD as DEAD_LETTERS
from infra.aws.functions import FUNCTIONS
from infra.aws.terms import Resources, att, ref, sub

DAY = 86_400
TRIES = 5
"""Times a message is handed over before it is a dead letter."""
TURNS = 20
"""Turns that the longest file may take."""
EVERY = {"Owed": "rate(1 minute)", "Schedule": "rate(1 minute)", "Study": "rate(5 minutes)"}
DEAD = ("IntakeDead", "StreamDead", "DropDead")
"""Where what was given up lies for two weeks."""
NEW_WORK = {
    "eventName": ["INSERT", "MODIFY"],
    "dynamodb": {
        "Keys": {"pk": {"S": [{"prefix": "e#contact#"}]}},
        "NewImage": {"wpk": {"S": [{"prefix": "todo#"}]}, "tries": {"N": ["0"]}, "ready": {"N": ["0"]}},
    },
}
"""Contacts that are owed a step and were not tried: all other changes cost no invocation, the handler's own too."""


def flows() -> Resources:
    """All of it."""
    clocks = {name: part for one, rate in EVERY.items() for name, part in _clock(one, rate).items()}
    return {
        **_queues(),
        "StreamFeed": _stream(),
        "IntakeFeed": _fed("Intake", "IntakeQueue", 10),
        **_drops(),
        **clocks,
    }


def _stream() -> dict[str, Any]:
    """Small batches soon; what breaks a whole batch is found by halving it and goes to a queue as a pointer.

    Nothing depends on that queue: the step stays owed in the table and `Owed` does it within the minute. Two
    repeats are enough, since single failures are put off by the handler and never come back to the shard.
    """
    return {
        "Type": "AWS::Lambda::EventSourceMapping",
        "Properties": {
            "FunctionName": ref("Stream"),
            "EventSourceArn": table.stream(),
            "StartingPosition": "TRIM_HORIZON",
            "BatchSize": 60,
            "MaximumBatchingWindowInSeconds": 1,
            "ParallelizationFactor": 2,
            "BisectBatchOnFunctionError": True,
            "MaximumRetryAttempts": 2,
            "MaximumRecordAgeInSeconds": DAY // 2,
            "FunctionResponseTypes": ["ReportBatchItemFailures"],
            "FilterCriteria": {"Filters": [{"Pattern": json.dumps(NEW_WORK)}]},
            "DestinationConfig": {"OnFailure": {"Destination": att("StreamDead", "Arn")}},
        },
    }


def _fed(function: str, queue: str, batch: int) -> dict[str, Any]:
    at_once = next(one.at_once for one in FUNCTIONS if one.name == function)
    return {
        "Type": "AWS::Lambda::EventSourceMapping",
        "Properties": {
            "FunctionName": ref(function),
            "EventSourceArn": att(queue, "Arn"),
            "BatchSize": batch,
            "FunctionResponseTypes": ["ReportBatchItemFailures"],
            "ScalingConfig": {"MaximumConcurrency": at_once},
        },
    }


def _queues() -> Resources:
    timeout = next(one.timeout for one in FUNCTIONS if one.name == "Intake")
    intake = _queue(
        # Six times the function's timeout, as Lambda asks for: a message must not come twice at once.
        VisibilityTimeout=6 * timeout,
        RedrivePolicy={"deadLetterTargetArn": att("IntakeDead", "Arn"), "maxReceiveCount": TRIES},
    )
    return {
        "IntakeQueue": intake,
        **{dead: _queue(MessageRetentionPeriod=14 * DAY) for dead in DEAD},
        "QueuesPolicy": _policy(["IntakeQueue", *DEAD]),
    }


def _queue(**more: Any) -> dict[str, Any]:
    """Messages hold what customers said: our key, and no key request for five minutes at a time."""
    return {
        "Type": "AWS::SQS::Queue",
        "DeletionPolicy": "Delete",
        "UpdateReplacePolicy": "Delete",
        "Properties": {"KmsMasterKeyId": ref("Key"), "KmsDataKeyReusePeriodSeconds": 300, **more},
    }


def _policy(queues: list[str], *statements: dict[str, Any]) -> dict[str, Any]:
    """Nothing over plain HTTP, and what is allowed besides."""
    deny = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "sqs:*",
        "Resource": [att(queue, "Arn") for queue in queues],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    return {
        "Type": "AWS::SQS::QueuePolicy",
        "Properties": {
            "Queues": [ref(queue) for queue in queues],
            "PolicyDocument": {"Version": "2012-10-17", "Statement": [deny, *statements]},
        },
    }


def _clock(function: str, rate: str) -> Resources:
    """No second try: the next time does what this one did not."""
    tries = {"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60}
    return _rule(f"{function}Clock", function, {"ScheduleExpression": rate}, tries)


def _drops() -> Resources:
    """The bucket tells a queue. A file that takes longer than one turn counts as failed and goes on in the next."""
    timeout = next(one.timeout for one in FUNCTIONS if one.name == "Drop")
    redrive = {"deadLetterTargetArn": att("DropDead", "Arn"), "maxReceiveCount": TURNS}
    return {
        "DropQueue": _queue(VisibilityTimeout=timeout + 60, RedrivePolicy=redrive),
        "DropQueuePolicy": _policy(["DropQueue"], _bucket_may_tell()),
        "DropFeed": _fed("Drop", "DropQueue", 1),
    }


def _bucket_may_tell() -> dict[str, Any]:
    """By account, not by bucket: the bucket must know the queue first."""
    return {
        "Effect": "Allow",
        "Principal": {"Service": "s3.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": att("DropQueue", "Arn"),
        "Condition": {"StringEquals": {"aws:SourceAccount": ref("AWS::AccountId")}},
    }


def _rule(rule: str, function: str, when: dict[str, Any], tries: dict[str, Any]) -> Resources:
    """What sets a function off, its permission, and how often it is tried."""
    target = {"Id": function, "Arn": att(function, "Arn")}
    return {
        rule: {"Type": "AWS::Events::Rule", "Properties": {**when, "State": "ENABLED", "Targets": [target]}},
        f"{rule}Permission": {
            "Type": "AWS::Lambda::Permission",
            "Properties": {
                "FunctionName": ref(function),
                "Action": "lambda:InvokeFunction",
                "Principal": "events.amazonaws.com",
                "SourceArn": att(rule, "Arn"),
                "SourceAccount": ref("AWS::AccountId"),
            },
        },
        f"{function}Tries": {
            "Type": "AWS::Lambda::EventInvokeConfig",
            "Properties": {"FunctionName": ref(function), "Qualifier": "$LATEST", **tries},
        },
    }


def outputs() -> dict[str, Any]:
    """Where other systems send contacts."""
    return {
        "IntakeQueueURL": {
            "Description": "One contact as JSON a message",
            "Value": ref("IntakeQueue"),
            "Export": {"Name": sub("${AWS::StackName}-intake")},
        },
        "DeadLetters": {"Description": "VOC_DEAD of commands", "Value": sub(DEAD_LETTERS)},
        "DropBucket": {
            "Description": "Files of contacts: in/SOURCE/file; receipts lie in out/",
            "Value": ref("Dropped"),
        },
    }
