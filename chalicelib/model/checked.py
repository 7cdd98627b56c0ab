"""Input from outside becomes a model here, or a refusal that says what, where and what to do."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ValidationError

from chalicelib.model.errors import Invalid, LoopError, Misformed, together

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


def formed(pattern: str, zh: str, en: str) -> Callable[[str], str]:
    """A check of texts that match the pattern whole; the refusal says so in words."""

    def fits(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise Misformed(zh, en)
        return text

    return fits


def checked(kind: type[M], data: Any, where: str = "") -> M:
    """`data` as a `kind`. Raises Invalid that says everything that is wrong with it.

    A field that could not even be read may hold the Invalid that says so. The refused value itself is never in the
    message: it may be personal.
    """
    faults = _held(data)
    while True:
        wrong = {fault.where for fault in faults}
        rest = {name: value for name, value in data.items() if name not in wrong} if wrong else data
        try:
            made = kind.model_validate(rest)
        except ValidationError as bad:  # of a field that was left out it says that it is missing
            faults += [f for f in _faults(bad, where) if f.where.removeprefix(f"{where}.") not in wrong]
        except LoopError as fault:  # from the reader of one field: the others may be wrong too
            faults.append(fault)
            if isinstance(rest, dict) and fault.where in rest:
                continue
        if faults:
            raise together(faults)
        return made


def _held(data: Any) -> list[LoopError]:
    return [v for v in data.values() if isinstance(v, LoopError)] if isinstance(data, dict) else []


_NAME = re.compile(r"[A-Za-z_][A-Za-z_.]{0,39}|12315")


def _shown(part: int | str) -> str:
    """A field's name, unless it may be anything: a telephone number in the wrong place is not repeated."""
    return str(part) if isinstance(part, int) or _NAME.fullmatch(part) else "…"


def _field(where: str, loc: tuple[int | str, ...]) -> str:
    return ".".join(_shown(part) for part in (where, *loc) if part != "")


def refusal(bad: ValidationError, where: str = "") -> LoopError:
    """The bilingual error for a failed validation."""
    return together(_faults(bad, where))


def _faults(bad: ValidationError, where: str) -> list[Invalid]:
    """One fault a field, in the order of the fields."""
    faults: dict[str, Invalid] = {}
    for error in bad.errors(include_url=False, include_input=False):
        field = _field(where, error["loc"])
        given = {**error.get("ctx", {}), "type": error["type"]}
        zh, en = (text.format(**given) for text in MESSAGES.get(error["type"], UNKNOWN))
        if isinstance(said := given.get("error"), Misformed):
            zh, en = said.zh, said.en
        name = field or "body"
        faults.setdefault(field, Invalid("invalid", f"{name} {zh}", f"{name} {en}", field))
    return list(faults.values())
