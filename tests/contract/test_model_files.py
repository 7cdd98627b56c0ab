"""What every keeper of model files promises: whole or not at all, the same after every repetition."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws

from chalicelib.adapters.model_files import LEFT_OVER, FolderModels
from chalicelib.adapters.s3_models import S3Models
from chalicelib.model.errors import Invalid
from chalicelib.ports import ModelFiles
from tests.stores import aws_client

ONE, OTHER = "0a" * 32, "0b" * 32
FILES = {"model.json": b'{"a": 1}', "arrays.npz": bytes(range(256)) * 40}
BUCKET = "models-of-tests"


@pytest.fixture(scope="module")
def s3() -> Iterator[Any]:
    """An S3 with a bucket that lives in this process."""
    with mock_aws():
        client = aws_client("s3")
        place = {"LocationConstraint": "cn-north-1"}
        client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration=place)
        yield client


@pytest.fixture(params=["folder", "s3"])
def files(request, tmp_path) -> ModelFiles:
    if request.param == "folder":
        return FolderModels(tmp_path / "not yet" / "models")
    client = request.getfixturevalue("s3")
    for digest in (ONE, OTHER):
        client.delete_object(Bucket=BUCKET, Key=f"models/{digest}.zip")
    return S3Models(client, BUCKET)


def test_what_was_put_comes_back(files):
    files.put(ONE, FILES)
    files.put(OTHER, {"model.json": b""})
    assert files.get(ONE) == FILES
    assert files.get(OTHER) == {"model.json": b""}


def test_what_was_never_put_is_not_there(files):
    assert files.get(ONE) is None
    files.put(ONE, FILES)
    assert files.get(OTHER) is None


def test_again_is_the_same_and_other_content_replaces_all_of_it(files):
    for content in (FILES, FILES, {"model.json": b"new"}, FILES):
        files.put(ONE, content)
        assert files.get(ONE) == content


def test_what_was_removed_is_not_there_and_can_be_put_again(files):
    files.remove(ONE)
    files.put(ONE, FILES)
    files.put(OTHER, FILES)
    for _ in range(2):
        files.remove(ONE)
        assert (files.get(ONE), files.get(OTHER)) == (None, FILES)
    files.put(ONE, FILES)
    assert files.get(ONE) == FILES


@pytest.mark.parametrize(
    ("digest", "name"),
    [("../../etc", "a"), ("", "a"), ("0A" * 32, "a"), ("xyz", "a"), (ONE, "../a"), (ONE, ".."), (ONE, "a/b"),
     (ONE, ""), (ONE, ".hidden")],
)  # fmt: skip
def test_nothing_is_written_beside(files, digest, name):
    with pytest.raises(ValueError, match="plain names"):
        files.put(digest, {name: b""})


def test_a_foreign_name_is_not_looked_for(files):
    with pytest.raises(ValueError, match="hexadecimal"):
        files.get("../secret")
    with pytest.raises(ValueError, match="hexadecimal"):
        files.remove("../secret")


# One keeper alone


def test_an_object_that_cannot_be_read_is_not_taken_for_none(s3):
    s3.put_object(Bucket=BUCKET, Key=f"models/{ONE}.zip", Body=b"PK half a zip")
    for bucket in (BUCKET, "no-such-bucket"):
        with pytest.raises(Invalid) as refused:
            S3Models(s3, bucket).get(ONE)
        assert refused.value.code == "model.unreadable"


def test_what_cannot_be_removed_is_said(s3):
    with pytest.raises(Invalid) as refused:
        S3Models(s3, "no-such-bucket").remove(ONE)
    assert refused.value.code == "model.unremovable"


def test_nothing_is_left_of_what_was_removed(tmp_path):
    files = FolderModels(tmp_path)
    files.put(ONE, FILES)
    files.remove(ONE)
    assert list(tmp_path.iterdir()) == []


def test_a_draft_of_a_killed_process_is_not_a_model_and_goes_in_time(tmp_path):
    files = FolderModels(tmp_path)
    drafts = [tmp_path / f".{ONE}.{name}" for name in ("old", "fresh")]
    for draft in drafts:
        draft.mkdir()
        (draft / "model.json").write_bytes(b"half")
    long_ago = time.time() - LEFT_OVER - 60
    os.utime(drafts[0], (long_ago, long_ago))
    assert files.get(ONE) is None
    files.put(ONE, FILES)
    assert files.get(ONE) == FILES
    assert [draft.exists() for draft in drafts] == [False, True]


def test_the_files_of_a_model_are_nobody_elses_to_read(tmp_path):
    FolderModels(tmp_path / "models").put(ONE, FILES)
    folders: list[Path] = [tmp_path / "models", tmp_path / "models" / ONE]
    assert [folder.stat().st_mode & 0o077 for folder in folders] == [0, 0]
