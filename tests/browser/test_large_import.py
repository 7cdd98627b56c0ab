"""A file too large for a request goes into the bucket by itself, and its sender sees what became of it."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Route, expect

from chalicelib.intake.dropped import take_file
from chalicelib.loop.context import Loop
from chalicelib.model.contact import Contact
from tests.browser.conftest import SignIn

FILE = (
    "内容,渠道,附注\n" + "".join(f"第 {n} 个包裹没到,电话,{'x' * 900_000}\n" for n in range(5)) + ",电话,\n"
)


class Bucket:
    """In memory; its form is one of the pages' own host."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    def offer(self, name: str, most: int, seconds: int) -> tuple[str, dict[str, str]]:
        return "bucket", {"key": name, "policy": "signed"}

    def link(self, name: str, seconds: int) -> str:
        return f"bucket/{name}"

    def read(self, name: str) -> bytes | None:
        return self.files.get(name)

    def fetch(self, name: str, path: Path) -> str:
        path.write_bytes(self.files[name])
        return sha256(self.files[name]).hexdigest()

    def put(self, name: str, content: bytes) -> None:
        self.files[name] = content

    def remove(self, name: str, mark: str) -> None:
        del self.files[name]


@pytest.fixture
def bucket() -> Bucket:
    return Bucket()


@pytest.fixture
def loop(loop: Loop, bucket: Bucket) -> Loop:
    """With a bucket."""
    return replace(loop, uploads=bucket)


def test_a_large_file_is_sent_to_the_bucket_and_followed(sign_in: SignIn, loop: Loop, bucket: Bucket) -> None:
    sent: list[bytes] = []

    def store(route: Route) -> None:
        sent.append(route.request.post_data_buffer or b"")
        route.fulfill(status=204)

    page = sign_in("lead.logistics", "/import")
    page.route("**/bucket", store)
    expect(page.get_by_text("到 200 MB")).to_be_visible()
    file: Any = {"name": "十一月.csv", "mimeType": "text/csv", "buffer": FILE.encode()}
    page.locator("input[type=file]").set_input_files(file)
    expect(page.get_by_text("已存好，等着读")).to_be_visible()
    (form,) = sent
    key = form.split(b'name="key"\r\n\r\n')[1].split(b"\r\n")[0].decode()
    assert form.index(b'name="policy"') < form.index(b'name="file"'), (
        "the bucket reads no field behind the file"
    )
    bucket.put(key, form.split(b'filename="file"')[1].split(b"\r\n\r\n", 1)[1].rpartition(b"\r\n--")[0])
    assert take_file(loop, bucket, key, lambda: False)
    expect(page.get_by_text("导入完成")).to_be_visible()
    expect(page.locator("dd").nth(0)).to_have_text("5")
    expect(page.locator("dd").nth(2)).to_have_text("1")
    link = page.get_by_role("link", name="下载拒收清单")
    assert (link.get_attribute("href") or "").endswith("-refused.csv")
    assert sum(1 for _ in loop.store.scan(Contact)) == 5
    page.get_by_role("button", name="导入另一个文件").click()
    expect(page.get_by_text("把文件拖到这里")).to_be_visible()
