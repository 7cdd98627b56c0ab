"""A bucket where other systems leave files."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.adapters.s3_models import ABSENT

CHUNK = 1 << 20


class S3Drop:
    """The `Drop` port on a bucket; names are keys. `client` makes a client of S3 when one is first needed."""

    def __init__(self, client: Callable[[], Any], bucket: str) -> None:
        self._client, self._bucket = client, bucket

    @cached_property
    def _s3(self) -> Any:
        return self._client()

    def close(self) -> None:
        """End the client, if there ever was one."""
        if "_s3" in vars(self):
            self._s3.close()

    def fetch(self, name: str, path: Path) -> str:
        """Streamed to disk in one answer, which is one version of it; its ETag."""
        try:
            answer = self._s3.get_object(Bucket=self._bucket, Key=name)
        except ClientError as error:
            _must_be_absent(error)
            return ""
        with path.open("wb") as file:
            for chunk in answer["Body"].iter_chunks(CHUNK):
                file.write(chunk)
        mark: str = answer["ETag"]
        return mark

    def read(self, name: str) -> bytes | None:
        """The whole object."""
        try:
            content: bytes = self._s3.get_object(Bucket=self._bucket, Key=name)["Body"].read()
        except ClientError as error:
            _must_be_absent(error)
            return None
        return content

    def put(self, name: str, content: bytes) -> None:
        """One object, replaced as a whole."""
        self._s3.put_object(Bucket=self._bucket, Key=name, Body=content)

    def remove(self, name: str, mark: str) -> None:
        """Looked at first; what replaces it in that very moment is told of by a message of its own, and missed."""
        try:
            now = self._s3.head_object(Bucket=self._bucket, Key=name)["ETag"]
        except ClientError as error:
            _must_be_absent(error)
            return
        if now == mark:
            self._s3.delete_object(Bucket=self._bucket, Key=name, IfMatch=mark)


class S3Uploads(S3Drop):
    """The `Uploads` port on the same bucket."""

    def offer(self, name: str, most: int, seconds: int) -> tuple[str, dict[str, str]]:
        """A signed form for this one key."""
        made = self._s3.generate_presigned_post(
            self._bucket, name, Conditions=[["content-length-range", 1, most]], ExpiresIn=seconds
        )
        return made["url"], made["fields"]

    def link(self, name: str, seconds: int) -> str:
        """A signed address, to be saved and not shown."""
        given = {"Bucket": self._bucket, "Key": name, "ResponseContentDisposition": "attachment"}
        url: str = self._s3.generate_presigned_url("get_object", Params=given, ExpiresIn=seconds)
        return url


def _must_be_absent(error: ClientError) -> None:
    """Raises what went wrong, unless it is that there is no such object."""
    if error.response.get("Error", {}).get("Code") not in ABSENT:
        raise error
