"""Away with a stack: what stays stays, buckets are emptied with all versions, and nothing goes by mistake."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from moto import mock_aws

from chalicelib.cli.__main__ import main
from chalicelib.model.errors import Invalid
from infra.aws.destroying import Plan, Removers, Resource, destroy, plan
from tests.stores import aws_client

KEYS = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_DEFAULT_REGION": "eu-west-1"}
TABLE = {
    "BillingMode": "PAY_PER_REQUEST",
    "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
}
RESOURCES = {
    "Table": {"Type": "AWS::DynamoDB::Table", "DeletionPolicy": "Retain", "Properties": TABLE},
    "Models": {"Type": "AWS::S3::Bucket", "DeletionPolicy": "Retain"},
    "Dropped": {"Type": "AWS::S3::Bucket"},
    "Site": {"Type": "AWS::S3::Bucket", "DeletionPolicy": "Delete"},
}


@pytest.fixture
def clients(monkeypatch: pytest.MonkeyPatch) -> Iterator[Removers]:
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        yield Removers(
            *(aws_client(name, "eu-west-1") for name in ("cloudformation", "s3", "ses", "dynamodb"))
        )


def made(clients: Removers) -> dict[str, str]:
    """The stack's resources by their names in the template, with something in each bucket."""
    template = json.dumps({"AWSTemplateFormatVersion": "2010-09-09", "Resources": RESOURCES})
    clients.cloudformation.create_stack(StackName="shop", TemplateBody=template)
    found = clients.cloudformation.describe_stack_resources(StackName="shop")["StackResources"]
    names = {one["LogicalResourceId"]: one["PhysicalResourceId"] for one in found}
    versions = {"Status": "Enabled"}
    clients.s3.put_bucket_versioning(Bucket=names["Dropped"], VersioningConfiguration=versions)
    for key in ("in/crm/a.csv", "in/crm/a.csv", "out/crm/b.csv.json"):
        clients.s3.put_object(Bucket=names["Dropped"], Key=key, Body=b"1")
    clients.s3.delete_object(Bucket=names["Dropped"], Key="out/crm/b.csv.json")
    clients.s3.put_object(Bucket=names["Site"], Key="index.html", Body=b"<p>")
    clients.s3.put_object(Bucket=names["Models"], Key="models/1", Body=b"1")
    return names


def buckets(clients: Removers) -> set[str]:
    return {found["Name"] for found in clients.s3.list_buckets()["Buckets"]}


def test_what_goes_and_what_stays_is_known_before(clients):
    names = made(clients)
    found = plan(clients, "shop")
    assert {one.name for one in found.stays} == {"Table", "Models"}
    assert found.objects == {names["Dropped"]: 4, names["Site"]: 1}, "versions and marks of deletion too"
    assert found.unread == 2
    assert buckets(clients) == {names[one] for one in ("Dropped", "Site", "Models")}, "nothing is touched"


def test_a_stack_goes_with_what_is_in_its_buckets_and_leaves_a_receipt(clients):
    names = made(clients)
    receipt = destroy(clients, plan(clients, "shop"))
    assert receipt["kept"] == {"Table": names["Table"], "Models": names["Models"]}
    assert receipt["objects_deleted"] == {names["Dropped"]: 4, names["Site"]: 1}
    assert set(receipt["deleted"]) == {"Dropped", "Site"}
    assert not buckets(clients) & {names["Dropped"], names["Site"]}
    with pytest.raises(Invalid, match="no such stack"):
        plan(clients, "shop")


def test_the_last_commands_name_what_stays_and_the_table_comes_first(clients):
    names = made(clients)
    lines = destroy(clients, plan(clients, "shop"))["to_remove_what_is_kept"]
    assert f"--table-name {names['Table']} --no-deletion-protection-enabled" in lines[0]
    assert [names["Models"] in line for line in lines] == [False, False, True, True]
    assert "{Key: Key, VersionId: VersionId}" in lines[2]


def test_the_table_in_use_and_the_one_before_stay_and_go_before_the_key(clients, tmp_path, capsys):
    """After the parameter UseTable was set, CloudFormation knows neither of them."""
    policy = {"KeyPolicy": {"Version": "2012-10-17", "Statement": []}}
    resources = {
        **RESOURCES,
        "Key": {"Type": "AWS::KMS::Key", "DeletionPolicy": "Retain", "Properties": policy},
    }
    del resources["Table"]
    parameters = {"UseTable": {"Type": "String", "Default": ""}}
    template = json.dumps({"Parameters": parameters, "Resources": resources})
    clients.cloudformation.create_stack(
        StackName="shop",
        TemplateBody=template,
        Parameters=[{"ParameterKey": "UseTable", "ParameterValue": "restored"}],
    )
    found = clients.cloudformation.describe_stack_resource(StackName="shop", LogicalResourceId="Key")
    key = found["StackResourceDetail"]["PhysicalResourceId"]
    ours = {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key}
    for name, secret in (("restored", {}), ("before", ours), ("of-others", {"Enabled": False})):
        clients.dynamodb.create_table(TableName=name, **TABLE, SSESpecification=secret)
    receipt = tmp_path / "receipt.json"
    said = ["destroy", "--stack", "shop", "--yes", "shop", "--receipt", str(receipt), "--data", str(tmp_path)]
    assert main(said) == 0
    told = json.loads(receipt.read_text())
    assert told["kept"].items() >= {"UseTable": "restored", "before": "before", "Key": key}.items()
    lines = told["to_remove_what_is_kept"]
    deleting = [line.rsplit(" ", 1)[1] for line in lines if "delete-table" in line]
    assert sorted(deleting) == ["before", "restored"]
    assert f"schedule-key-deletion --key-id {key}" in lines[-1]
    assert "before" in told["warning"]
    assert told["warning"] in capsys.readouterr().out


@pytest.mark.parametrize(("active", "after"), [("shop", None), ("theirs", "theirs")])
def test_a_rule_set_that_receives_mail_is_shut_first_and_nobody_elses(clients, active, after):
    for name in ("shop", "theirs"):
        clients.ses.create_receipt_rule_set(RuleSetName=name)
    clients.ses.set_active_receipt_rule_set(RuleSetName=active)
    rules = Resource("MailRules", "AWS::SES::ReceiptRuleSet", "shop", stays=False)
    destroy(clients, Plan("shop", (rules,), {}, 0))
    assert clients.ses.describe_active_receipt_rule_set().get("Metadata", {}).get("Name") == after


@pytest.mark.parametrize("said", [[], ["--yes", "huisheng"]])
def test_nothing_goes_without_its_name(clients, said, capsys, tmp_path):
    names = made(clients)
    assert main(["destroy", "--stack", "shop", *said, "--data", str(tmp_path)]) == 2
    assert names["Dropped"] in buckets(clients)
    told = capsys.readouterr()
    assert names["Dropped"] in told.out, "said before"
    assert "--yes shop" in told.err


def test_the_command_keeps_the_receipt(clients, tmp_path, capsys):
    names = made(clients)
    kept = tmp_path / "receipt.json"
    said = ["destroy", "--stack", "shop", "--yes", "shop", "--receipt", str(kept), "--data", str(tmp_path)]
    assert main(said) == 0
    assert json.loads(kept.read_text())["kept"]["Table"] == names["Table"]
    assert "schedule-key-deletion" not in capsys.readouterr().out, "this stack has no key"
