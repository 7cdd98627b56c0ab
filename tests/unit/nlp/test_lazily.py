"""Tables that fill themselves."""

from __future__ import annotations

from chalicelib.nlp.lazily import Lazily


def test_each_value_is_made_once_and_only_when_asked_for() -> None:
    made: list[int] = []

    def square(number: int) -> int:
        made.append(number)
        return number * number

    table = Lazily(square)
    assert [table[3], table[4], table[3]] == [9, 16, 9]
    assert made == [3, 4]
    assert 5 not in table
