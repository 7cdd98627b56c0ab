"""Files that other systems drop into a bucket: `in/` as they come, `refused/` what could not be taken of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.adapters.s3_models import ABSENT

IN, REFUSED = "in/", "refused/"


class S3Drop:
    """The `Drop` port on a bucket. `client` is `boto3.client("s3")`."""

    def __init__(self, client: Any, bucket: str) -> None:
        self._s3, self._bucket = client, bucket

    def fetch(self, key: str, into: Path) -> bool:
        """Write the file to a path; False when it is not there any more."""
        try:
            body = self._s3.get_object(Bucket=self._bucket, Key=key)["Body"]
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") in ABSENT:
                return False
            raise
        with into.open("wb") as file:
            for chunk in body.iter_chunks(1 << 20):
                file.write(chunk)
        return True

    def refuse(self, name: str, content: bytes) -> None:
        """Keep what could not be taken, or why, for whoever dropped it."""
        self._s3.put_object(Bucket=self._bucket, Key=f"{REFUSED}{name}", Body=content)

    def remove(self, key: str) -> None:
        """The file is done with; S3 does not mind when it is gone."""
        self._s3.delete_object(Bucket=self._bucket, Key=key)
