"""Which column of a file is which field: guessed by name, or as told."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable, Sequence
from collections.abc import Mapping as Cells
from dataclasses import dataclass, field

from chalicelib.intake.fields import KINDS
from chalicelib.model.errors import Invalid

_SHOWN = 40  # column names listed in an error
_DATA = re.compile(r"\d{4}|@|.{25}", re.DOTALL)  # no column name: rather what a customer's row holds
_LISTED = 8  # headings listed of a field
_HINTS = re.compile(r"[(\[【]\s*(必填|选填|可选|required|optional)\s*[)\]】]")
_PAIR = re.compile(r"\s*(\w+)\s*[=:＝：]\s*(=?)(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Mapping:
    """Which column is which field: field -> header, field -> fixed value, and what is left on either side."""

    kind: str
    fields: dict[str, str]
    unused: tuple[str, ...]
    missing: tuple[str, ...]
    constants: dict[str, str] = field(default_factory=dict)


def guess(headers: Sequence[str], kind: str | None = None) -> Mapping:
    """Map headers to fields by name; the kind too, unless given. Invalid if no kind or more than one fits."""
    return _choose(headers, kind, {}, {})


def require(mapping: Mapping, headers: Sequence[str]) -> Mapping:
    """The same mapping. Invalid when a needed field has no column and no fixed value."""
    there = mapping.fields | mapping.constants
    if any(known.needed and name not in there for name, known in KINDS[mapping.kind].items()):
        raise _no_kind(headers, [mapping.kind])
    return mapping


def known_columns() -> list[tuple[str, str, bool, tuple[str, ...]]]:
    """(kind, field, required, up to eight of the headings it is known by, Chinese ones first) of every field."""
    return [
        (kind, name, known.needed, tuple(sorted(known.names + known.weak, key=str.isascii)[:_LISTED]))
        for kind, fields in KINDS.items()
        for name, known in fields.items()
    ]


def parse_map(text: str, headers: Sequence[str], kind: str | None = None) -> Mapping:
    """`guess`, but with what --map says first: "text=内容,time=日期,channel==phone,agent=".

    `field=header` names a column, `field==value` fixes a value for all rows, `field=` leaves a field out.
    """
    columns: dict[str, str] = {}
    constants: dict[str, str] = {}
    for name, fixed, value in _pairs(text, headers, kind):
        if name in columns or name in constants:
            raise _wrong_map(f"字段 {name} 出现了两次", f"the field {name} is there twice")
        if fixed:
            constants[name] = value
        else:
            columns[name] = _column(value, headers)
    return _choose(headers, kind, columns, constants)


def told(kind: str, fields: Cells[str, str], constants: Cells[str, str]) -> Mapping:
    """Exactly this mapping and nothing guessed. Invalid for a kind or a field there is not, and for what lacks."""
    known = _fields_of(kind)
    if not {*fields, *constants} <= set(known):
        names = ", ".join(known)
        raise _wrong_map(f"没有这个字段；可用：{names}", f"no such field; known: {names}")
    columns = {name: header for name, header in fields.items() if name not in constants}
    mapping = Mapping(kind, columns, (), (), dict(constants))
    return require(mapping, list(columns.values()))


def apply(mapping: Mapping, cells: Cells[str, object]) -> dict[str, object]:
    """The fields of one row: constants filled in, empty values dropped, turns of a dialogue one a line."""
    values = {name: cells.get(header) for name, header in mapping.fields.items()}
    if isinstance(turns := values.get("text"), list) and all(isinstance(turn, str) for turn in turns):
        values["text"] = "\n".join(turns).replace("|||", "\n")
    return {name: value for name, value in values.items() if not _empty(value)} | mapping.constants


def _empty(value: object) -> bool:
    return value is None or value == [] or value == {} or (isinstance(value, str) and not value.strip())


def _plain(name: str) -> str:
    """A name without case, width, spaces, punctuation and "(required)"; units in brackets stay."""
    return re.sub(r"[\W_]+", "", _HINTS.sub("", unicodedata.normalize("NFKC", name).casefold()))


def _choose(
    headers: Sequence[str], kind: str | None, columns: dict[str, str], fixed: dict[str, str]
) -> Mapping:
    if kind is not None:
        _fields_of(kind)
        return _mapping(kind, headers, columns, fixed)
    asked = columns.keys() | fixed.keys()
    able = [_mapping(each, headers, columns, fixed) for each in KINDS if asked <= KINDS[each].keys()]
    complete = {each.kind: each for each in able if not each.missing}
    if "contacts" in complete and _strong(complete["contacts"], "text"):
        for other in ("customers", "source_counts"):  # they have no column with what somebody said
            complete.pop(other, None)
    if not complete:
        raise _no_kind(headers, KINDS)
    ranked = sorted(complete.values(), key=_score, reverse=True)
    tied = [each.kind for each in ranked if _score(each) == _score(ranked[0])]
    if len(tied) > 1:
        names = ", ".join(tied)
        raise Invalid(
            "columns.ambiguous",
            f"看不出是哪一类文件（{names}）；请指明类型",
            f"This could be any of {names}: say which kind it is",
        )
    return ranked[0]


def _mapping(kind: str, headers: Sequence[str], columns: dict[str, str], fixed: dict[str, str]) -> Mapping:
    free = {_plain(header): header for header in reversed(headers) if header not in columns.values()}
    fields = {}
    for name, known in KINDS[kind].items():
        if name in fixed:
            continue
        plain = [_plain(each) for each in known.names + known.weak if _plain(each) in free]
        header = columns[name] if name in columns else free.pop(plain[0]) if plain else ""
        if header:
            fields[name] = header
    missing = (name for name, known in KINDS[kind].items() if known.required and name not in fields | fixed)
    unused = (header for header in headers if header not in fields.values())
    return Mapping(kind, fields, tuple(unused), tuple(missing), dict(fixed))


def _strong(mapping: Mapping, name: str) -> bool:
    header = _plain(mapping.fields.get(name, ""))
    return any(_plain(known) == header for known in KINDS[mapping.kind][name].names)


def _score(mapping: Mapping) -> tuple[int, int]:
    return sum(_strong(mapping, name) for name in mapping.fields), len(mapping.fields)


def _pairs(text: str, headers: Sequence[str], kind: str | None) -> Iterable[tuple[str, bool, str]]:
    """(field, is it a fixed value, the rest) of each part of --map; a part with a comma goes in quotes."""
    known = _fields_of(kind)
    if not any("，" in header for header in headers):
        text = text.replace("，", ",")
    for part in next(csv.reader([text], skipinitialspace=True), []):
        if not part.strip():
            continue
        found = _PAIR.fullmatch(part)
        if not found:
            raise _wrong_map("每一项应是 字段=列名", "each part must be field=column")
        name, rest = found[1].lower(), found[3].strip()
        if name not in known and not found[2] and rest.lower() in known:
            name, rest = rest.lower(), found[1]  # written the other way round: column=field
        if name not in known:
            names = ", ".join(known)
            raise _wrong_map(f"没有这个字段；可用：{names}", f"no such field; known: {names}")
        yield name, bool(found[2]), rest


def _column(value: str, headers: Sequence[str]) -> str:
    """The header meant: exactly, or but for case, width and spaces."""
    if not value or value in headers:
        return value
    for header in headers:
        if _plain(header) == _plain(value) != "":
            return header
    zh, en = _there_are(headers)
    raise _wrong_map(f"文件里没有这一列；{zh}", f"no such column; {en}")


def _fields_of(kind: str | None) -> list[str]:
    if kind is None:
        return list(dict.fromkeys(name for fields in KINDS.values() for name in fields))
    if kind not in KINDS:
        kinds = ", ".join(KINDS)
        raise Invalid("columns.kind", f"没有这种类型；可用：{kinds}", f"No such kind; known: {kinds}")
    return list(KINDS[kind])


def _wrong_map(zh: str, en: str) -> Invalid:
    return Invalid("columns.map", f"列对应关系不对：{zh}", f"The column map is wrong: {en}", "--map")


def _no_kind(headers: Sequence[str], kinds: Iterable[str]) -> Invalid:
    needs = "; ".join(
        f"{kind}: {' + '.join(name for name, known in KINDS[kind].items() if known.needed)}" for kind in kinds
    )
    zh, en = _there_are(headers)
    return Invalid(
        "columns.unknown",
        f"认不出必需的列（{needs}）；{zh}；请用 --map 字段=列名 指明",
        f"The required columns are not there ({needs}); {en}: name them with --map field=column",
    )


def _there_are(headers: Sequence[str]) -> tuple[str, str]:
    """The columns of a file in words; not when they seem to be a row of data: it may be personal."""
    if any(_DATA.search(unicodedata.normalize("NFKC", header)) for header in headers):
        return "第一行像是数据而不是列名", "the first row seems to hold data, not column names"
    shown = ", ".join(headers[:_SHOWN])
    return f"文件里的列：{shown or '无'}", f"columns found: {shown or 'none'}"
