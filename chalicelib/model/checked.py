"""Input from outside becomes a model here, or a refusal that says what, where and what to do."""

from __future__ import annotations

import re
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ValidationError

from chalicelib.model.errors import Invalid

M = TypeVar("M", bound=BaseModel)

MESSAGES: dict[str, tuple[str, str]] = {
    "missing": ("缺少，请补上", "is missing; add it"),
    "extra_forbidden": ("没有这个字段，请去掉或更正名称", "is not known; remove it or correct its name"),
    "string_too_long": ("太长，最多 {max_length} 个字符", "is too long; at most {max_length} characters"),
    "string_too_short": ("太短，至少 {min_length} 个字符", "is too short; at least {min_length} characters"),
    "string_type": ("应为文字", "must be text"),
    "string_pattern_mismatch": ("格式不对，应符合 {pattern}", "has the wrong form; it must match {pattern}"),
    "int_type": ("应为整数", "must be a whole number"),
    "int_parsing": ("应为整数", "must be a whole number"),
    "int_from_float": ("应为整数", "must be a whole number"),
    "float_parsing": ("应为数字", "must be a number"),
    "float_type": ("应为数字", "must be a number"),
    "bool_parsing": ("应为是或否 (true/false)", "must be true or false"),
    "bool_type": ("应为是或否 (true/false)", "must be true or false"),
    "greater_than_equal": ("应不小于 {ge}", "must be at least {ge}"),
    "greater_than": ("应大于 {gt}", "must be more than {gt}"),
    "less_than_equal": ("应不大于 {le}", "must be at most {le}"),
    "less_than": ("应小于 {lt}", "must be less than {lt}"),
    "enum": ("应为下列之一：{expected}", "must be one of: {expected}"),
    "literal_error": ("应为下列之一：{expected}", "must be one of: {expected}"),
    "too_short": ("至少要 {min_length} 项", "needs at least {min_length} items"),
    "too_long": ("最多 {max_length} 项", "takes at most {max_length} items"),
    "list_type": ("应为列表", "must be a list"),
    "tuple_type": ("应为列表", "must be a list"),
    "dict_type": ("应为对象", "must be an object"),
    "model_type": ("应为对象", "must be an object"),
    "value_error": ("不对：{error}", "is wrong: {error}"),
}
UNKNOWN = ("格式不对（{type}）", "has the wrong form ({type})")


def no_bool(value: Any) -> Any:
    """`value`, unless it is true or false: those are no numbers, though Python counts with them."""
    if isinstance(value, bool):
        raise ValueError("应为数字 it must be a number")
    return value


def without_commas(value: Any) -> Any:
    """A number as files write it, 1,000, without its commas; true and false are refused."""
    return value.replace(",", "").replace("，", "") if isinstance(value, str) else no_bool(value)


Whole = Annotated[int, BeforeValidator(no_bool)]
"""A whole number, also written as text; true and false are none."""
Count = Annotated[int, BeforeValidator(without_commas)]
"""The same, also with commas."""


def checked(kind: type[M], data: Any, where: str = "") -> M:
    """`data` as a `kind`. Raises Invalid that says what is wrong with the first field and names the others.

    The refused value itself is never in the message: it may be personal.
    """
    try:
        return kind.model_validate(data)
    except ValidationError as bad:
        raise refusal(bad, where) from None


_NAME = re.compile(r"[A-Za-z_][A-Za-z_.]{0,39}|12315")


def _shown(part: int | str) -> str:
    """A field's name, unless it may be anything: a telephone number in the wrong place is not repeated."""
    return str(part) if isinstance(part, int) or _NAME.fullmatch(part) else "…"


MOST_NAMED = 5
"""Further wrong fields that a refusal names."""


def _field(where: str, loc: tuple[int | str, ...]) -> str:
    return ".".join(_shown(part) for part in (where, *loc) if part != "")


def refusal(bad: ValidationError, where: str = "") -> Invalid:
    """The bilingual error for a failed validation."""
    errors = bad.errors(include_url=False, include_input=False)
    first = errors[0]
    field = _field(where, first["loc"])
    given = {**first.get("ctx", {}), "type": first["type"]}
    zh, en = (text.format(**given) for text in MESSAGES.get(first["type"], UNKNOWN))
    others = [f for f in dict.fromkeys(_field(where, e["loc"]) for e in errors[1:]) if f != field]
    if others:
        more = len(others) - MOST_NAMED
        zh += f"；还有：{'、'.join(others[:MOST_NAMED])}" + (f" 等 {len(others)} 处" if more > 0 else "")
        en += f"; also: {', '.join(others[:MOST_NAMED])}" + (f" and {more} more" if more > 0 else "")
    name = field or "body"
    return Invalid("invalid", f"{name} {zh}", f"{name} {en}", field)
