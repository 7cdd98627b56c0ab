"""Lines of labels: a bad one is refused by its number, the others are read."""

from __future__ import annotations

import pytest

from chalicelib.learn.gold import gold_line, read_lines

GOOD = '{"id": "g", "text": "快递慢", "causes": []}'


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (r'{"id": "a", "text": "\ud83d 快递慢", "causes": []}', "line.surrogate"),
        (r'{"id": "a\udc00", "text": "快递慢", "causes": []}', "line.surrogate"),
        ('{"id": "a", "text": "快递慢", "causes": [], "kind": [["x"]]}', "line.kind"),
        ('{"id": "a", "text": "快递慢", "causes": [], "kind": 1}', "line.kind"),
    ],
)
def test_a_bad_line_is_refused_and_the_others_are_read(line: str, code: str) -> None:
    refused: list[tuple[int, str]] = []
    found = list(read_lines([GOOD, line, GOOD], gold_line, lambda n, error: refused.append((n, error.code))))
    assert refused == [(2, code)]
    assert [one.id for one in found] == ["g", "g"]
