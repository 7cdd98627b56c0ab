"""Answers that are files to be saved, not JSON."""

from __future__ import annotations

from chalice.app import Response

from chalicelib.api.routing import SAFE_HEADERS

CSV, PDF = "text/csv", "application/pdf"


def download(content: bytes | str, media: str, name: str) -> Response:
    """A file to be saved under that name; the app must count the type of bytes among its binary types."""
    text = "; charset=utf-8" if isinstance(content, str) else ""
    headers = {"Content-Type": media + text, "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, {**SAFE_HEADERS, **headers}, 200)
