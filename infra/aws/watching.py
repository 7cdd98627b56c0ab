"""What is watched: alarms, whom they tell, and one dashboard. README's operations say what to do at each."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from infra.aws import table
from infra.aws.flows import DEAD
from infra.aws.functions import FUNCTIONS, HTTP, QUEUED
from infra.aws.terms import API_STAGE, Resources, att, ref, sub

Metric = dict[str, Any]
MINUTE = 60
LEVELS = {
    *("ApproximateNumberOfMessagesVisible", "ApproximateAgeOfOldestMessage", "IteratorAge"),
    "DeliveryToS3.DataFreshness",
}
"""How high something stands; the others count what happened."""


def watching() -> Resources:
    """All of it."""
    return {"Alarms": _topic(), "AlarmMail": _mail(), **dict(_alarms()), "Dashboard": _dashboard()}


def _topic() -> dict[str, Any]:
    return {"Type": "AWS::SNS::Topic", "Properties": {"KmsMasterKeyId": ref("Key")}}


def _mail() -> dict[str, Any]:
    return {
        "Type": "AWS::SNS::Subscription",
        "Condition": "Mails",
        "Properties": {"TopicArn": ref("Alarms"), "Protocol": "email", "Endpoint": ref("AlarmEmail")},
    }


def _alarms() -> Iterator[tuple[str, dict[str, Any]]]:
    for queue in DEAD:
        yield (
            f"{queue}Alarm",
            alarm(f"{queue}: something was given up", _queue(queue, "ApproximateNumberOfMessagesVisible"), 0),
        )
    waits = _queue("IntakeQueue", "ApproximateAgeOfOldestMessage")
    yield "IntakeAgeAlarm", alarm("A message waits for ten minutes", waits, 600, minutes=5)
    late = _function("Stream", "IteratorAge")
    yield "StreamAgeAlarm", alarm("Contacts are read five minutes late", late, 300_000, minutes=5)
    for one in FUNCTIONS:
        errors = _function(one.name, "Errors")
        yield f"{one.name}Errors", alarm(f"{one.name} broke more than twice in five minutes", errors, 2)
    for name in (HTTP, *QUEUED):
        throttles = _function(name, "Throttles")
        yield f"{name}Throttles", alarm(f"{name} was throttled: raise its concurrency", throttles, 10)
    yield "TableThrottles", alarm("The table throttles: look for a hot key", _table(), 10)
    answers = metric("AWS/ApiGateway", "5XXError", ApiName="huisheng", Stage=API_STAGE)
    yield "AnswerErrors", alarm("More than five answers were 5xx", answers, 5)
    yield (
        "DeadLetters",
        alarm("Steps of contacts were given up: see the dead letters", _gauge("DeadLetters"), 0),
    )
    yield "StepsPileUp", alarm("More than 2,000 steps are owed", _gauge("StepsOwed"), 2_000, minutes=15)
    missing = _gauge("ChannelDaysMissing")
    yield "ContactsMissing", alarm("A source counted contacts that never came", missing, 0, minutes=60)
    silent = _function("Schedule", "Invocations")
    yield "ScheduleSilent", alarm("The clocks have stood still for ten minutes", silent, 1, 10, falls=True)


def alarm(
    why: str, metric: Metric, threshold: int, minutes: int = 5, *, falls: bool = False
) -> dict[str, Any]:
    """Beyond the threshold for a period; what is not told is fine, except where silence is the alarm."""
    return {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "AlarmDescription": why,
            **metric,
            "Period": minutes * MINUTE,
            "EvaluationPeriods": 1,
            "Threshold": threshold,
            "ComparisonOperator": "LessThanThreshold" if falls else "GreaterThanThreshold",
            "TreatMissingData": "breaching" if falls else "notBreaching",
            "AlarmActions": [ref("Alarms")],
            "OKActions": [ref("Alarms")],
        },
    }


def metric(namespace: str, name: str, **dimensions: Any) -> Metric:
    """Which one is watched, and how its values of a period become one."""
    return {
        "Namespace": namespace,
        "MetricName": name,
        "Statistic": "Maximum" if name in LEVELS or namespace == "huisheng" else "Sum",
        "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions.items()],
    }


def _queue(queue: str, name: str) -> Metric:
    return metric("AWS/SQS", name, QueueName=att(queue, "QueueName"))


def _function(function: str, name: str) -> Metric:
    return metric("AWS/Lambda", name, FunctionName=ref(function))


def _gauge(name: str) -> Metric:
    """What `chalicelib/events.py` hands over each minute."""
    return metric("huisheng", name, service=ref("AWS::StackName"))


def _table() -> Metric:
    return metric("AWS/DynamoDB", "WriteThrottleEvents", TableName=table.name())


def _dashboard() -> dict[str, Any]:
    functions = [one.name for one in FUNCTIONS]
    lambdas = {
        title: [["AWS/Lambda", metric, "FunctionName", "${" + name + "}"] for name in functions]
        for title, metric in (
            ("Invocations", "Invocations"),
            ("Errors", "Errors"),
            ("Throttles", "Throttles"),
            ("Duration, ms", "Duration"),
        )
    }
    shown = {
        **lambdas,
        "How late the stream is, ms": [["AWS/Lambda", "IteratorAge", "FunctionName", "${Stream}"]],
        "Queues": [
            ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", "${" + queue + ".QueueName}"]
            for queue in ("IntakeQueue", *DEAD)
        ],
        "Steps owed, dead letters, channel days missing": [
            ["huisheng", name, "service", "${AWS::StackName}"]
            for name in ("StepsOwed", "DeadLetters", "ChannelDaysMissing")
        ],
        "Table units": [
            ["AWS/DynamoDB", metric, "TableName", "${TableName}"]
            for metric in ("ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits")
        ],
        "Answers": [
            ["AWS/ApiGateway", metric, "ApiName", "huisheng", "Stage", API_STAGE]
            for metric in ("Count", "4XXError", "5XXError")
        ],
    }
    widgets = [_widget(at, title, metrics) for at, (title, metrics) in enumerate(shown.items())]
    return {
        "Type": "AWS::CloudWatch::Dashboard",
        "Properties": {
            "DashboardName": ref("AWS::StackName"),
            "DashboardBody": sub(json.dumps({"widgets": widgets}), TableName=table.name()),
        },
    }


def _widget(at: int, title: str, metrics: list[list[str]]) -> dict[str, Any]:
    slow = title.endswith("ms")
    return {
        "type": "metric",
        "x": 8 * (at % 3),
        "y": 6 * (at // 3),
        "width": 8,
        "height": 6,
        "properties": {
            "title": title,
            "metrics": metrics,
            "region": "${AWS::Region}",
            "stat": "p95" if slow else "Maximum" if title.startswith("Steps") else "Sum",
            "period": 5 * MINUTE,
        },
    }


def parameters() -> dict[str, Any]:
    """Whom alarms tell."""
    return {
        "AlarmEmail": {"Type": "String", "Default": "", "Description": "Alarms go there; empty tells nobody"}
    }


def conditions() -> dict[str, Any]:
    """Whether anybody is told."""
    return {"Mails": {"Fn::Not": [{"Fn::Equals": [ref("AlarmEmail"), ""]}]}}
