"""The template beside Chalice's own: everything that `chalice package --merge-template` adds to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from infra.aws import doors, flows, site, table, watching
from infra.aws.functions import functions, layers
from infra.aws.policies import roles
from infra.aws.storage import storage
from infra.aws.terms import ref

REQUESTS_A_SECOND = 500
"""What the gateway lets in; a burst of as many at once."""


@dataclass(frozen=True)
class Partition:
    """`edge`: whether it has distributions with an address of AWS's own. `doors`: whether SES receives mail there and
    there is Amazon Connect. `region`: any of its regions, because Chalice asks for one; nothing of it is written."""

    edge: bool
    doors: bool
    region: str


PARTITIONS = {
    "aws": Partition(edge=True, doors=True, region="us-east-1"),
    # A distribution there needs an address of one's own, on record with the authority.
    "aws-cn": Partition(edge=False, doors=False, region="cn-north-1"),
}


def extras(partition: str) -> dict[str, Any]:
    """What Chalice's template lacks in a partition, as CloudFormation with relative names of zip files."""
    edge, opens = PARTITIONS[partition].edge, PARTITIONS[partition].doors
    return {
        "Parameters": parameters() | (doors.parameters() if opens else {}),
        "Conditions": {
            "Reserves": {"Fn::Equals": [ref("ReserveConcurrency"), "true"]},
            "Traces": {"Fn::Equals": [ref("Tracing"), "Active"]},
            **watching.conditions(),
            **table.conditions(),
            **(doors.conditions() if opens else {}),
        },
        "Resources": {
            **storage(opens),
            **(doors.doors() if opens else {}),
            **layers(),
            **functions(),
            **roles(),
            **flows.flows(),
            **watching.watching(),
            **site.site(edge),
            "RestAPI": api(),
        },
        "Outputs": {
            "TableName": {"Value": table.name()},
            "ModelsBucket": {"Value": ref("Models")},
            "SecretName": {"Value": ref("Secret")},
            **flows.outputs(),
            **site.outputs(edge),
            **(doors.outputs() if opens else {}),
        },
    }


def parameters() -> dict[str, Any]:
    """What whoever deploys may choose; all have a default."""
    return {
        "OidcIssuer": _text("OpenID Connect issuer; empty uses names and passwords of our own"),
        "OidcAudience": _text("Audience of its tokens"),
        "ReserveConcurrency": {
            **_text("false where the account may not reserve concurrency (young accounts)", "true"),
            "AllowedValues": ["true", "false"],
        },
        "Tracing": {
            **_text("Active sends X-Ray traces of all functions", "PassThrough"),
            "AllowedValues": ["PassThrough", "Active"],
        },
        **watching.parameters(),
        **table.parameters(),
    }


def _text(why: str, default: str = "") -> dict[str, Any]:
    return {"Type": "String", "Default": default, "Description": why}


def api() -> dict[str, Any]:
    """Regional, because the distribution is the edge and China has no other; a burst of strangers ends with 429."""
    return {
        "Properties": {
            "EndpointConfiguration": {"Type": "REGIONAL"},
            "MinimumCompressionSize": 1_024,
            "MethodSettings": [
                {
                    "ResourcePath": "/*",
                    "HttpMethod": "*",
                    "MetricsEnabled": False,
                    "ThrottlingRateLimit": REQUESTS_A_SECOND,
                    "ThrottlingBurstLimit": REQUESTS_A_SECOND,
                }
            ],
        }
    }
