"""Every Lambda function: what it loads, how much it gets, and why. Chalice makes them; this is merged into them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from infra.aws.terms import Resources, att, name_of, ref, sub, when

RUNTIME = "python3.13"
ARCHITECTURE = "x86_64"


@dataclass(frozen=True)
class Function:
    """One function by its name in the template. `at_once` is its reserved concurrency, seconds and MB as Lambda
    counts them; CPU grows with memory, one whole core at 1,769 MB:
    with half of it a cold start takes twice as long (`chalicelib/bench/cold_start.py`)."""

    name: str
    layers: tuple[str, ...]
    memory: int
    timeout: int
    at_once: int
    why: str


FUNCTIONS = (
    Function(
        "APIHandler",
        ("base", "numbers", "statistics"),
        1_769,
        29,
        50,
        "People wait: one core, as half of one takes twice as long to start; 29 s is all that API Gateway waits; 50 at"
        " 100 ms each are 500 requests a second, kept for people while a burst is being read",
    ),
    Function(
        "Stream",
        ("base", "numbers", "reading"),
        1_769,
        120,
        10,
        "Reading texts is all CPU, so one core; a batch of 60 takes some 2 s, the rest is for a slow table; 10 are"
        " four shards times two and room: more would only wait for each other at this week's numbers",
    ),
    Function(
        "Intake",
        ("base",),
        512,
        60,
        10,
        "Masks and stores, reads nothing: little memory; ten batches of ten at once stay below what the stream"
        " reads meanwhile, the others wait in the queue",
    ),
    Function(
        "Drop",
        ("base",),
        1_024,
        900,
        2,
        "Takes a whole file: some 500 rows at a time with little memory, the longest that Lambda gives for the"
        " largest; what is cut off goes on at the next try; two, because files may wait",
    ),
    Function(
        "Owed",
        ("base", "numbers", "reading"),
        1_769,
        60,
        1,
        "Does what the stream left, so it needs the same core; one a minute, because two would only claim from"
        " each other; what it does not get done the next minute does",
    ),
    Function(
        "Schedule",
        ("base", "numbers", "statistics"),
        1_024,
        120,
        1,
        "Clocks and group chats each minute, the judgement of a week on Mondays: SciPy; one at a time, because"
        " doing it twice does nothing twice and only costs",
    ),
    Function(
        "Study",
        ("base", "numbers", "statistics", "learning"),
        3_008,
        900,
        1,
        "Trains and discovers: minutes on nearly two cores, the longest that Lambda gives; one at a time, the loop"
        " lets only one learn anyway",
    ),
)
HTTP = "APIHandler"
ON_HTTP = "chalicelib.api.entry.on_http"
BEHIND = tuple(f.name for f in FUNCTIONS if f.name != HTTP)
QUEUED = ("Stream", "Intake")
"""Those that a burst makes many of: throttling them means something."""

ENVIRONMENT: dict[str, Any] = {
    "VOC_TABLE": ref("Table"),
    "VOC_MODELS": ref("Models"),
    "VOC_SECRET_NAME": ref("Secret"),
    "VOC_DATA": "/tmp",
    "VOC_OIDC_ISSUER": ref("OidcIssuer"),
    "VOC_OIDC_AUDIENCE": ref("OidcAudience"),
    "POWERTOOLS_SERVICE_NAME": ref("AWS::StackName"),
    "POWERTOOLS_LOG_LEVEL": "INFO",
    # One core at most is given, so more threads would only wait for each other.
    "OPENBLAS_NUM_THREADS": "1",
    # There are none, and looking for them reads what every package says of itself.
    "PYDANTIC_DISABLE_PLUGINS": "__all__",
}

OWN: dict[str, dict[str, Any]] = {"Drop": {"VOC_DROP": ref("Dropped")}}
"""What one function alone is told: the others need no client for it."""


def functions() -> Resources:
    """What is merged into Chalice's functions, with their log groups."""
    merged: Resources = {}
    for one in FUNCTIONS:
        merged[one.name] = {"Properties": _properties(one)}
        merged[name_of(one.name, "Logs")] = {
            "Type": "AWS::Logs::LogGroup",
            "DeletionPolicy": "Delete",
            "UpdateReplacePolicy": "Retain",
            "Properties": {"RetentionInDays": 30, "KmsKeyId": att("Key", "Arn")},
        }
    return merged


def _properties(one: Function) -> dict[str, Any]:
    return {
        # Chalice names the app whole, `app.app`; this imports of it what is asked for.
        **({"Handler": ON_HTTP} if one.name == HTTP else {}),
        "Description": _short(one.why),
        "Runtime": RUNTIME,
        "Architectures": [ARCHITECTURE],
        "MemorySize": one.memory,
        "Timeout": one.timeout,
        # A young account has too few to reserve any; there the parameter leaves them out.
        "ReservedConcurrentExecutions": when("Reserves", one.at_once),
        # Off unless asked for: X-Ray's permission knows no resource, and logs and metrics tell what is wrong.
        "Tracing": ref("Tracing"),
        "Role": att(name_of(one.name, "Role"), "Arn"),
        "Layers": [ref(layer_name(layer)) for layer in one.layers],
        "Environment": {"Variables": ENVIRONMENT | OWN.get(one.name, {})},
        # Lambda's own lines of start and end cost more than ours; durations are in the metrics.
        "LoggingConfig": {
            "LogGroup": ref(name_of(one.name, "Logs")),
            "LogFormat": "JSON",
            "ApplicationLogLevel": "INFO",
            "SystemLogLevel": "WARN",
        },
    }


def layer_name(layer: str) -> str:
    """The name of a layer in the template."""
    return f"{layer.capitalize()}Layer"


def layers() -> Resources:
    """The layers, each a zip file beside the template."""
    wanted = dict.fromkeys(layer for one in FUNCTIONS for layer in one.layers)
    return {
        layer_name(layer): {
            "Type": "AWS::Serverless::LayerVersion",
            "Properties": {
                "LayerName": sub("${AWS::StackName}-" + layer),
                "ContentUri": f"./{layer}.zip",
                "CompatibleRuntimes": [RUNTIME],
                "CompatibleArchitectures": [ARCHITECTURE],
                "RetentionPolicy": "Delete",
            },
        }
        for layer in wanted
    }


def _short(why: str) -> str:
    assert len(why) <= 256, "Lambda's limit"
    return why
