"""The built web pages as the host sends them."""

from __future__ import annotations

import gzip
import io
from pathlib import Path
from typing import Any

import pytest
from chalice.app import Chalice

from chalicelib.host import Gateway
from chalicelib.pages import FOR_EVER, POLICY, Pages


@pytest.fixture
def pages(tmp_path: Path) -> Pages:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<p>回声")
    (tmp_path / "assets" / "a-1.js").write_text("1")
    (tmp_path / ".voc-built").write_text("mark")
    return Pages(tmp_path)


def _get(pages: Pages | None, path: str, **more: str) -> tuple[str, dict[str, str], bytes]:
    seen: list[Any] = []
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": path, "wsgi.input": io.BytesIO(), **more}
    gateway = Gateway(Chalice("test"), lambda: b"home", pages)
    body = b"".join(gateway(environ, lambda status, headers: seen.extend((status, dict(headers)))))
    return seen[0], seen[1], body


@pytest.mark.parametrize("path", ["/", "/index.html"])
def test_the_start_page_is_asked_for_again_each_time(pages: Pages, path: str) -> None:
    status, headers, body = _get(pages, path)
    assert (status, body.decode()) == ("200 OK", "<p>回声")
    assert headers["Cache-Control"] == "no-cache"
    assert headers["Content-Security-Policy"] == POLICY
    assert headers["Content-Type"] == "text/html; charset=utf-8"


def test_files_with_a_digest_in_their_name_are_kept(pages: Pages) -> None:
    _, headers, body = _get(pages, "/assets/a-1.js", HTTP_ACCEPT_ENCODING="br, gzip")
    assert headers["Cache-Control"] == FOR_EVER
    assert headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert (headers["Content-Encoding"], gzip.decompress(body)) == ("gzip", b"1")


@pytest.mark.parametrize("path", ["/assets/../index.html", "/assets/none.js", "/.voc-built", "//index.html"])
def test_nothing_else_is_given_away(pages: Pages, path: str) -> None:
    assert _get(pages, path)[0].startswith("404")


def test_without_pages_there_is_a_plain_start_page() -> None:
    assert _get(None, "/")[2] == b"home"


def test_the_policy_lets_nothing_in_from_elsewhere() -> None:
    assert "unsafe" not in POLICY
    assert "http" not in POLICY
