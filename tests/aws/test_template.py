"""The template that is deployed: complete, in its partition, narrow in what it permits, clean to cfn-lint."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

import app
from chalicelib.adapters.dynamo import DynamoStore
from chalicelib.adapters.items import entity_writes
from chalicelib.intake import dropped
from chalicelib.loop.listen.take import take
from chalicelib.model.contact import Contact
from chalicelib.model.entity import utc_now
from chalicelib.model.errors import Invalid
from chalicelib.model.people import SYSTEM
from chalicelib.ports import Change
from infra.aws.flows import DEAD, NEW_WORK
from infra.aws.functions import BEHIND, FUNCTIONS, HTTP
from infra.aws.layers import LAYERS
from infra.aws.package import MERGED, TEMPLATE, make_functions
from infra.aws.template import PARTITIONS
from infra.aws.terms import name_of
from tests.stores import create_table, moto_client

ROOT = Path(__file__).parents[2]
Template = dict[str, Any]


@pytest.fixture(scope="module", params=PARTITIONS)
def template(request: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out: Path = tmp_path_factory.mktemp(request.param)
    make_functions(ROOT, "prod", out, request.param, os.environ)
    return out / TEMPLATE


@pytest.fixture(scope="module")
def whole(template: Path) -> Template:
    found: Template = json.loads(template.read_text("utf-8"))
    return found


def of_type(whole: Template, kind: str) -> dict[str, dict[str, Any]]:
    return {name: r.get("Properties", {}) for name, r in whole["Resources"].items() if r["Type"] == kind}


def test_every_handler_is_a_function_with_all_that_is_set_on_purpose(whole):
    handlers = {handler.name.capitalize() for handler in app.app.pure_lambda_functions} | {HTTP}
    functions = of_type(whole, "AWS::Serverless::Function")
    assert set(functions) == handlers == {one.name for one in FUNCTIONS}
    for name, properties in functions.items():
        said = {"MemorySize", "Timeout", "ReservedConcurrentExecutions", "Tracing", "LoggingConfig", "Layers"}
        assert said <= set(properties), name
        assert len(properties["Description"]) > 40, name
        assert properties["Runtime"] == "python3.13"


def test_each_handler_behind_the_api_is_set_off_by_something(whole):
    fed = {p["FunctionName"]["Ref"] for p in of_type(whole, "AWS::Lambda::EventSourceMapping").values()}
    clocked = {p["Targets"][0]["Id"] for p in of_type(whole, "AWS::Events::Rule").values()}
    assert fed | clocked == set(BEHIND)
    assert not fed & clocked


def statements(whole: Template) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, role in of_type(whole, "AWS::IAM::Role").items():
        for policy in role["Policies"]:
            yield from ((name, statement) for statement in policy["PolicyDocument"]["Statement"])


def test_each_function_has_a_role_of_its_own_that_names_what_it_may_touch(whole):
    roles = [p["Role"]["Fn::GetAtt"][0] for p in of_type(whole, "AWS::Serverless::Function").values()]
    stream = {p["ExtendedS3DestinationConfiguration"]["RoleARN"]["Fn::GetAtt"][0] for p in streams(whole)}
    assert sorted([*roles, *stream]) == sorted(of_type(whole, "AWS::IAM::Role")), "one each, none besides"
    for name, statement in statements(whole):
        assert "*" not in statement["Resource"], name
        assert all("*" not in action for action in statement["Action"]), name
        assert statement["Resource"], name


class Asked:
    """A client that remembers which operations it was asked for."""

    def __init__(self, client: Any) -> None:
        self._client, self.exceptions, self.names = client, client.exceptions, set[str]()

    def __getattr__(self, name: str) -> Any:
        self.names.add(f"dynamodb:{name.title().replace('_', '')}")
        return getattr(self._client, name)


def test_every_function_may_ask_of_the_table_what_the_store_asks(whole, loop):
    """A transaction needs the permissions of its parts."""
    with mock_aws():
        client = Asked(moto_client())
        store = DynamoStore(client, create_table(client))
        row = {"text": "快递三天没到", "channel": "phone", "customer": "2"}
        take(replace(loop, store=store), SYSTEM, [row | {"order": str(n)} for n in range(2)])
        contact = next(iter(store.scan(Contact)))
        corrected = contact.model_copy(update={"version": contact.version + 1})
        store.save([Change(contact, corrected)], {})
        assert len(store.due(utc_now(), 9)) == 2
        store.settle(everything=True)
        assert store.cells("day")
    asked = client.names - {"dynamodb:TransactWriteItems", "dynamodb:CreateTable", "dynamodb:Scan"}
    assert {"dynamodb:BatchWriteItem", "dynamodb:Query", "dynamodb:UpdateItem"} <= asked
    for one in FUNCTIONS:
        mine = [statement for name, statement in statements(whole) if name == name_of(one.name, "Role")]
        assert asked <= {action for statement in mine for action in statement["Action"]}, one.name


def streams(whole: Template) -> list[dict[str, Any]]:
    return list(of_type(whole, "AWS::KinesisFirehose::DeliveryStream").values())


def test_mail_and_records_of_calls_come_where_the_function_looks_and_only_when_asked_for(whole, template):
    rules, resources = of_type(whole, "AWS::SES::ReceiptRule"), whole["Resources"]
    china = template.parent.name.startswith("aws-cn")
    assert (bool(rules), bool(streams(whole))) == (not china, not china)
    for name, resource in resources.items():
        if resource["Type"].split("::")[1] in ("SES", "KinesisFirehose"):
            assert resource["Condition"] in ("TakesMail", "TakesRecords"), name
    if china:
        assert "ses.amazonaws.com" not in template.read_text("utf-8")
        return
    rule = rules["MailRule"]["Rule"]
    (stored,) = rule["Actions"]
    destination = streams(whole)[0]["ExtendedS3DestinationConfiguration"]
    told = resources["Dropped"]["Properties"]["NotificationConfiguration"]["QueueConfigurations"][0]
    (inside,) = told["Filter"]["S3Key"]["Rules"]
    assert stored["S3Action"]["ObjectKeyPrefix"] == f"{inside['Value']}{dropped.MAIL}/"
    assert destination["Prefix"].startswith(inside["Value"])
    assert not destination["ErrorOutputPrefix"].startswith(inside["Value"]), "no contact is read from it"
    assert rule["ScanEnabled"]
    assert rule["TlsPolicy"] == {"Ref": "MailTls"}
    writer = resources["DroppedPolicy"]["Properties"]["PolicyDocument"]["Statement"][1]["Fn::If"][1]
    assert set(writer["Condition"]["StringEquals"]) == {"aws:SourceAccount", "aws:SourceArn"}


def may(whole: Template, *actions: str) -> set[str]:
    return {name for name, s in statements(whole) if set(actions) & set(s["Action"])}


def test_only_the_function_that_learns_reads_the_whole_table(whole):
    assert may(whole, "dynamodb:Scan") == {"StudyRole"}


def test_only_what_learns_takes_files_or_signs_for_them_writes_to_a_bucket(whole):
    assert may(whole, "s3:PutObject", "s3:DeleteObject") - {"RecordsRole"} == {
        "StudyRole",
        "DropRole",
        "ApiRole",
    }
    touched = [json.dumps(s["Resource"]) for name, s in statements(whole) if name == "DropRole"]
    assert not any("Models" in resource for resource in touched)
    put = [
        s["Resource"] for name, s in statements(whole) if name == "ApiRole" and "s3:PutObject" in s["Action"]
    ]
    assert put == [[{"Fn::Sub": "${Dropped.Arn}/in/web/*"}]], "what it signs for browsers, and nothing else"


def test_pages_may_speak_with_themselves_and_the_bucket_for_large_files(whole):
    for headers in of_type(whole, "AWS::CloudFront::ResponseHeadersPolicy").values():
        said = headers["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"]["ContentSecurityPolicy"]
        policy = said["ContentSecurityPolicy"]["Fn::Sub"]
        (connects,) = (part for part in policy.split("; ") if part.startswith("connect-src"))
        hosts = {f"https://${{Dropped.{name}}}" for name in ("RegionalDomainName", "DomainName")}
        assert set(connects.split()[1:]) == {"'self'"} | hosts
        assert "form-action 'self';" in policy
    (rule,) = whole["Resources"]["Dropped"]["Properties"]["CorsConfiguration"]["CorsRules"]
    assert rule["AllowedMethods"] == ["POST"]


def test_nothing_is_tied_to_a_partition_region_or_account(template):
    text = template.read_text("utf-8")
    regions = [*boto3.Session().get_available_regions("dynamodb"), "cn-north-1", "cn-northwest-1"]
    assert [region for region in regions if region in text] == []
    assert re.findall(r"arn:aws|amazonaws\.com\.cn|(?<![\d.])\d{12}(?!\d)", text) == []
    assert MERGED not in text


def test_china_has_nothing_that_its_partition_lacks(whole, template):
    kinds = {r["Type"] for r in whole["Resources"].values()}
    edge = {kind for kind in kinds if kind.startswith("AWS::CloudFront::")}
    assert bool(edge) == ("Address" in whole["Outputs"]) == (not template.parent.name.startswith("aws-cn"))
    assert not any(kind.startswith("AWS::Cognito::") or kind == "AWS::Lambda::Url" for kind in kinds)
    assert whole["Resources"]["RestAPI"]["Properties"]["EndpointConfiguration"] == {"Type": "REGIONAL"}


def test_what_cannot_be_had_back_outlives_the_stack(whole):
    kept = {name for name, r in whole["Resources"].items() if r.get("DeletionPolicy") == "Retain"}
    assert kept == {"Table", "Key", "Secret", "Models"}
    table = whole["Resources"]["Table"]["Properties"]
    assert table["DeletionProtectionEnabled"]
    assert table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"]
    assert table["TimeToLiveSpecification"]["Enabled"]
    assert table["StreamSpecification"]


def resolved(value: Any, own: bool) -> Any:
    """What is left of a value when the stack has a table of its own, or works on another one."""
    if isinstance(value, list):
        return [resolved(one, own) for one in value]
    if not isinstance(value, dict):
        return value
    match value:
        case {"Fn::If": ["OwnTable", one, other]}:
            return resolved(one if own else other, own)
    return {name: resolved(one, own) for name, one in value.items()}


def test_a_restored_table_takes_the_place_of_the_stacks_own_everywhere(whole):
    assert whole["Resources"]["Table"]["Condition"] == "OwnTable"
    assert whole["Conditions"]["OwnTable"] == {"Fn::Equals": [{"Ref": "UseTable"}, ""]}
    rest = [{name: r for name, r in whole["Resources"].items() if name != "Table"}, whole["Outputs"]]
    mine, others = r'"Table"|\$\{Table[.}]', r'"UseTable"|"UseTableStream"|\$\{UseTable'
    for own, (there, gone) in {True: (mine, others), False: (others, mine)}.items():
        text = json.dumps(resolved(rest, own))
        assert len(re.findall(there, text)) > 20
        assert not re.search(gone, text)
    assert resolved(whole["Outputs"]["TableName"]["Value"], False) == {"Ref": "UseTable"}
    fed = of_type(whole, "AWS::Lambda::EventSourceMapping").values()
    (stream,) = (p for p in fed if p["FunctionName"] == {"Ref": "Stream"})
    assert resolved(stream["EventSourceArn"], False)["Fn::Sub"].endswith(
        ":table/${UseTable}/stream/${UseTableStream}"
    )


def test_every_log_ends_and_every_queue_has_its_key_and_dead_letters(whole):
    assert all(p["RetentionInDays"] == 30 for p in of_type(whole, "AWS::Logs::LogGroup").values())
    queues = of_type(whole, "AWS::SQS::Queue")
    assert all("KmsMasterKeyId" in p for p in queues.values())
    assert "RedrivePolicy" in queues["IntakeQueue"]
    watched = {p["Dimensions"][0]["Value"]["Fn::GetAtt"][0] for p in dead_letter_alarms(whole)}
    assert watched == set(DEAD)


def dead_letter_alarms(whole: Template) -> list[dict[str, Any]]:
    alarms = of_type(whole, "AWS::CloudWatch::Alarm").values()
    return [p for p in alarms if p["MetricName"] == "ApproximateNumberOfMessagesVisible"]


def passes(pattern: Any, value: Any) -> bool:
    """Whether an event passes a filter: as Lambda reads it, as far as ours goes."""
    if isinstance(pattern, dict):
        return isinstance(value, dict) and all(passes(p, value.get(name)) for name, p in pattern.items())
    return any(
        value == p or (isinstance(p, dict) and str(value or "").startswith(p["prefix"])) for p in pattern
    )


def test_the_stream_is_asked_for_contacts_that_are_owed_a_step_and_for_nothing_else(loop):
    take(loop, SYSTEM, [{"text": "快递三天了还没送到", "channel": "phone", "customer": "13800138000"}])
    (contact,) = loop.store.scan(Contact)

    def let_through(entity: Any) -> list[str]:
        images = [write["Put"]["Item"] for write in entity_writes(None, entity) if "Put" in write]
        events = [
            {"eventName": "INSERT", "dynamodb": {"Keys": {n: i[n] for n in ("pk", "sk")}, "NewImage": i}}
            for i in images
        ]
        return [e["dynamodb"]["Keys"]["pk"]["S"] for e in events if passes(NEW_WORK, e)]

    assert let_through(contact) == [f"e#contact#{contact.id}"]
    assert let_through(contact.model_copy(update={"pending": ""})) == []


def test_a_layer_lies_on_layers_that_every_function_with_it_has():
    for one in FUNCTIONS:
        for layer in LAYERS:
            assert layer.name not in one.layers or set(layer.on) <= set(one.layers), (one.name, layer.name)


def test_a_stage_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(Invalid, match="no such stage"):
        make_functions(ROOT, "nowhere", tmp_path, "aws", os.environ)


@pytest.mark.slow
def test_cfn_lint_finds_nothing(template):
    region = PARTITIONS["aws-cn" if template.parent.name.startswith("aws-cn") else "aws"].region
    run = "import sys; from cfnlint.runner import main; sys.exit(main())"
    options = ["--regions", region, "--non-zero-exit-code", "warning"]
    lint = [sys.executable, "-P", "-c", run, str(template), *options]
    done = subprocess.run(lint, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr
