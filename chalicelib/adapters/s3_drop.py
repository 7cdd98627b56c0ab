"""A bucket where other systems leave files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.adapters.s3_models import ABSENT


class S3Drop:
    """The `Drop` of intake on a bucket; names are keys."""

    def __init__(self, client: Any, bucket: str) -> None:
        self._s3, self._bucket = client, bucket

    def fetch(self, name: str, path: Path) -> bool:
        """Streamed to disk: a file may be larger than the memory."""
        try:
            self._s3.download_file(self._bucket, name, str(path))
        except ClientError as error:
            _must_be_absent(error)
            return False
        return True

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

    def remove(self, name: str) -> None:
        """S3 does not mind when there is none."""
        self._s3.delete_object(Bucket=self._bucket, Key=name)


def _must_be_absent(error: ClientError) -> None:
    """Raises what went wrong, unless it is that there is no such object."""
    if error.response.get("Error", {}).get("Code") not in ABSENT:
        raise error
