"""Files of trained taggers in an S3 bucket: one object a model, so that it is there whole or not at all."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.adapters.model_files import check_names, unreadable, unremovable

_EPOCH = (1980, 1, 1, 0, 0, 0)
ABSENT = frozenset({"NoSuchKey", "404"})


class S3Models:
    """The `ModelFiles` port on a bucket; `models/<digest>.zip` is one model.

    `client` makes a client of S3 when one is first needed: most requests never read a model.
    """

    def __init__(self, client: Callable[[], Any], bucket: str) -> None:
        self._client, self._bucket = client, bucket

    @cached_property
    def _s3(self) -> Any:
        return self._client()

    def close(self) -> None:
        """End the client, if there ever was one."""
        if "_s3" in vars(self):
            self._s3.close()

    def put(self, digest: str, files: Mapping[str, bytes]) -> None:
        """One object, replaced as a whole."""
        check_names(digest, files)
        self._s3.put_object(Bucket=self._bucket, Key=_key(digest), Body=_packed(files))

    def get(self, digest: str) -> Mapping[str, bytes] | None:
        """The files; None when there are none."""
        check_names(digest, {})
        try:
            body = self._s3.get_object(Bucket=self._bucket, Key=_key(digest))["Body"].read()
            with zipfile.ZipFile(io.BytesIO(body)) as archive:
                return {name: archive.read(name) for name in archive.namelist()}
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") in ABSENT:
                return None
            raise unreadable(digest) from error
        except (BotoCoreError, zipfile.BadZipFile) as error:
            raise unreadable(digest) from error

    def remove(self, digest: str) -> None:
        """One object; S3 does not mind when there is none."""
        check_names(digest, {})
        try:
            self._s3.delete_object(Bucket=self._bucket, Key=_key(digest))
        except (ClientError, BotoCoreError) as error:
            raise unremovable(digest) from error


def _key(digest: str) -> str:
    return f"models/{digest}.zip"


def _packed(files: Mapping[str, bytes]) -> bytes:
    """Stored as they are: the large one is compressed already; the same files give the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), content)
    return out.getvalue()
