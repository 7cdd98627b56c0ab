"""DynamoDB's expressions over the top-level attributes of one item: conditions, filters, key conditions, updates."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

Value = Mapping[str, Any]
Held = dict[str, Value]
_TOKEN = re.compile(r"\s*([#:]?\w+|<=|>=|<>|[=<>(),+-])")
_SECTION = {"set", "add", "remove", "delete"}
_ORDER = {"=": (0,), "<>": (-1, 1), "<": (-1,), "<=": (-1, 0), ">": (1,), ">=": (0, 1)}


class NotUnderstood(ValueError):
    """An expression uses what this does not know."""


def plain(value: Value) -> Any:
    """A value as Python compares it: texts and bytes by their bytes, numbers by size."""
    ((kind, held),) = value.items()
    match kind:
        case "S":
            return held.encode()
        case "N":
            return Decimal(held)
        case "B":
            return b64decode(held) if isinstance(held, str) else bytes(held)
        case "SS" | "NS":
            return {plain({kind[0]: one}) for one in held}
    return held


def number(n: Decimal) -> Value:
    """A number as DynamoDB shows it."""
    return {"N": f"{n.normalize():f}"}


def partition_asked(request: Mapping[str, Any]) -> str:
    """The partition key's value that a query names."""
    named = re.search(r"=\s*(:\w+)", request["KeyConditionExpression"])
    if not named:
        raise NotUnderstood(request["KeyConditionExpression"])
    return str(request["ExpressionAttributeValues"][named[1]]["S"])


@dataclass
class Expression:
    """One expression with its names and values, read from left to right."""

    text: str
    names: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Value] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._tokens = list(self._split())
        self._at = 0

    def _split(self) -> Iterator[str]:
        at, end = 0, len(self.text.rstrip())
        while at < end:
            found = _TOKEN.match(self.text, at)
            if not found:
                raise NotUnderstood(self.text)
            yield found[1]
            at = found.end()

    # conditions

    def holds(self, item: Held) -> bool:
        """Whether the item meets the condition."""
        self._at = 0
        met = self._any(item)
        if self._at != len(self._tokens):
            raise NotUnderstood(self.text)
        return met

    def _any(self, item: Held) -> bool:
        met = self._all(item)
        while self._take("or"):
            met = self._all(item) or met
        return met

    def _all(self, item: Held) -> bool:
        met = self._not(item)
        while self._take("and"):
            met = self._not(item) and met
        return met

    def _not(self, item: Held) -> bool:
        if self._take("not"):
            return not self._not(item)
        if self._take("("):
            met = self._any(item)
            self._must(")")
            return met
        return self._test(item)

    def _test(self, item: Held) -> bool:
        word = self._peek()
        if word in ("attribute_exists", "attribute_not_exists"):
            (name,) = self._arguments()
            return (self._name(name) in item) == (word == "attribute_exists")
        if word in ("begins_with", "contains"):
            name, wanted = self._arguments()
            held, part = item.get(self._name(name)), plain(self.values[wanted])
            if held is None:
                return False
            return bool(plain(held).startswith(part) if word == "begins_with" else part in plain(held))
        left = self._operand(item)
        if self._take("between"):
            low = self._operand(item)
            self._must("and")
            high = self._operand(item)
            return _compared(left, low) in (0, 1) and _compared(left, high) in (-1, 0)
        sign = self._next()
        if sign not in _ORDER:
            raise NotUnderstood(self.text)
        return _compared(left, self._operand(item)) in _ORDER[sign]

    # updates

    def updated(self, item: Held) -> Held:
        """The item after the update."""
        self._at = 0
        after = dict(item)
        while self._at < len(self._tokens):
            how = self._next().lower()
            if how not in _SECTION - {"delete"}:
                raise NotUnderstood(self.text)
            while True:
                self._change(how, item, after)
                if not self._take(","):
                    break
        return after

    def _change(self, how: str, item: Held, after: Held) -> None:
        name = self._name(self._next())
        if how == "remove":
            after.pop(name, None)
        elif how == "add":
            after[name] = _added(item.get(name), self.values[self._next()])
        else:
            self._must("=")
            after[name] = self._sum(item)

    def _sum(self, item: Held) -> Value:
        value = self._value(item)
        while self._peek() in ("+", "-"):
            sign = 1 if self._next() == "+" else -1
            value = number(plain(value) + sign * plain(self._value(item)))
        return value

    def _value(self, item: Held) -> Value:
        if self._peek() == "if_not_exists":
            name, other = self._arguments()
            return item.get(self._name(name)) or self.values[other]
        if self._peek() == "list_append":
            first, second = (self._given(one, item) for one in self._arguments())
            return {"L": [*first["L"], *second["L"]]}
        value = self._operand(item)
        if value is None:
            raise NotUnderstood(self.text)
        return value

    # tokens

    def _operand(self, item: Held) -> Value | None:
        token = self._next()
        return self.values[token] if token.startswith(":") else item.get(self._name(token))

    def _given(self, token: str, item: Held) -> Value:
        return self.values[token] if token.startswith(":") else item[self._name(token)]

    def _arguments(self) -> list[str]:
        self._next()
        self._must("(")
        found = [self._next()]
        while self._take(","):
            found.append(self._next())
        self._must(")")
        return found

    def _name(self, token: str) -> str:
        return self.names[token] if token.startswith("#") else token

    def _peek(self) -> str:
        return self._tokens[self._at].lower() if self._at < len(self._tokens) else ""

    def _next(self) -> str:
        if self._at == len(self._tokens):
            raise NotUnderstood(self.text)
        self._at += 1
        return self._tokens[self._at - 1]

    def _take(self, token: str) -> bool:
        taken = self._peek() == token
        self._at += taken
        return taken

    def _must(self, token: str) -> None:
        if not self._take(token):
            raise NotUnderstood(self.text)


def _compared(left: Value | None, right: Value | None) -> int | None:
    """-1, 0, 1; None for what cannot be compared."""
    if left is None or right is None or left.keys() != right.keys():
        return None
    mine, other = plain(left), plain(right)
    return 0 if mine == other else -1 if mine < other else 1


def _added(held: Value | None, more: Value) -> Value:
    ((kind, new),) = more.items()
    if kind == "N":
        return number(plain(held or {"N": "0"}) + plain(more))
    if kind in ("SS", "NS"):
        return {kind: sorted({*(held or {kind: []})[kind], *new})}
    raise NotUnderstood(f"add {kind}")
