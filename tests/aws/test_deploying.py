"""What is uploaded: each file once, under a name of its content, and the pages with the headers they need."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws

from chalicelib.model.errors import Invalid
from infra.aws.deploying import Clients, chosen, deploy, own_bucket, upload, upload_pages
from infra.aws.package import TEMPLATE
from tests.stores import aws_client


@pytest.fixture
def s3() -> Iterator[Any]:
    with mock_aws():
        yield aws_client("s3")


@pytest.fixture
def packaged(tmp_path: Path) -> Path:
    resources = {
        "One": {"Properties": {"CodeUri": "./code.zip", "MemorySize": 1}},
        "Two": {"Properties": {"CodeUri": "./code.zip"}},
        "Layer": {"Properties": {"ContentUri": "./layer.zip"}},
        "Table": {"Properties": {"BillingMode": "PAY_PER_REQUEST"}},
    }
    (tmp_path / TEMPLATE).write_text(json.dumps({"Resources": resources}))
    (tmp_path / "code.zip").write_bytes(b"code")
    (tmp_path / "layer.zip").write_bytes(b"layer")
    return tmp_path


def names(s3, bucket):
    return {found["Key"] for found in s3.list_objects_v2(Bucket=bucket)["Contents"]}


def test_the_bucket_for_packages_is_made_once(s3):
    first = own_bucket(s3, "123456789012", "cn-north-1")
    assert own_bucket(s3, "123456789012", "cn-north-1") == first
    assert [found["Name"] for found in s3.list_buckets()["Buckets"]] == [first]


def test_the_template_names_what_was_uploaded_and_a_change_gets_another_name(s3, packaged):
    bucket = own_bucket(s3, "123456789012", "cn-north-1")
    url = upload(s3, bucket, packaged)
    assert upload(s3, bucket, packaged) == url
    assert len(names(s3, bucket)) == 3
    assert url.startswith(f"{s3.meta.endpoint_url}/{bucket}/")
    body = s3.get_object(Bucket=bucket, Key=url.rsplit("/", 1)[1])["Body"].read()
    resources = json.loads(body)["Resources"]
    assert resources["One"]["Properties"]["CodeUri"] == resources["Two"]["Properties"]["CodeUri"]
    layer = resources["Layer"]["Properties"]["ContentUri"]
    assert s3.get_object(**layer)["Body"].read() == b"layer"
    (packaged / "code.zip").write_bytes(b"other code")
    assert upload(s3, bucket, packaged) != url
    assert len(names(s3, bucket)) == 5


def test_a_folder_without_a_package_is_refused(s3, tmp_path):
    with pytest.raises(Invalid, match="nothing is packaged there"):
        upload(s3, "any", tmp_path)


def test_pages_keep_their_types_and_their_time(s3, tmp_path):
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "a.js").write_text("1")
    (tmp_path / "index.html").write_text("<p>")
    bucket = own_bucket(s3, "123456789012", "cn-north-1")
    assert upload_pages(s3, bucket, tmp_path) == 2
    page, script = (s3.head_object(Bucket=bucket, Key=key) for key in ("index.html", "assets/a.js"))
    assert page["ContentType"] == "text/html; charset=utf-8"
    assert page["CacheControl"] == "no-cache"
    assert "immutable" in script["CacheControl"]


def test_what_was_chosen_before_stays_chosen():
    given = chosen(
        ["UseTable", "AlarmEmail", "New"], ["UseTable", "AlarmEmail", "Gone"], {"AlarmEmail": "a@b"}
    )
    assert given == [
        {"ParameterKey": "AlarmEmail", "ParameterValue": "a@b"},
        {"ParameterKey": "UseTable", "UsePreviousValue": True},
    ]
    assert chosen(["UseTable"], [], {}) == []


class Failed:
    """A CloudFormation whose stack never came about."""

    def describe_stacks(self, StackName: str) -> dict[str, Any]:
        return {"Stacks": [{"StackName": StackName, "StackStatus": "ROLLBACK_COMPLETE"}]}


def test_a_first_deployment_that_failed_is_told_to_be_removed(s3, packaged):
    with pytest.raises(Invalid, match="destroy --stack shop, then deploy again"):
        deploy(Clients(Failed(), s3), "shop", packaged, "nowhere", {}, print)
