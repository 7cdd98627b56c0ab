"""Where a statement begins and ends in a contact, and what turns it round: negation, concession, fear."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

LONGEST = 80  # people who write without punctuation still change the subject
STOPS = "，。！？；：,!?;:~～…（）()《》【】"
"""Besides white space, what no clause holds."""
_BREAK = re.compile(
    rf"(?=[{STOPS}\s.但不可只就然而却反除虽尽还])"  # most characters fail here, and quickly
    rf"(?:(?:(?!(?<=\d)[:：]\d)[{STOPS}\s])+|\.(?!\d)"
    r"|(?=但是|但(?!凡)|不过(?!关|如)|可是(?!以)|只是|就是(?!不|要|了)|然而|而且|却|反而|除了|虽然|尽管|还有))"
)
_NO = (
    r"(?:(?<!有)没有?|没有?人|(?<!要)(?<!好)(?<!得)(?<!是)(?<!不得)不(?!过(?!敏))(?:是|会|算|太|怎么|存在|至于|觉得|大)?|未|无|并非|毫无"
    r"|(?<![特分级区差告离个类])别"
    r"|从未|从来没有?|没什么|没啥|没那么|没见过?|没发现|没出现|没发生|不存在|有没有|避免|防止|杜绝|谈不上|不用担心)"
)
_FILLER = (
    r"(?:很|太|特别|非常|那么|怎么|任何|一点儿?|什么|过|出现|发生|发现|被|有|是|到|的|再|会"
    r"|算|觉得|感觉|显得?|啥|十分|明显|让我|让人|令人){0,2}"
)
_NEGATED = re.compile(_NO + _FILLER + r"$")
_WHETHER = re.compile(r"(?<![只所])有没有")
_COMPARED = re.compile(r"(?:不比|不会比|不亚于|不输给?|不逊于).{0,8}$|(?<!性价)(?<!对)(?:比|不同于)$")
_MAY_DENY = re.compile("[没不未无非别避防杜谈比]")
"""One of these is in all that _WHETHER, _NEGATED and _COMPARED find; most statements have none before them."""
_AFTERWARDS = re.compile(
    r"(?=[净淡的了等情现问迹也都倒没不几基])"
    r"(?:(?<=干)净|(?<=淡)淡|(?:的|了|等)?(?:情况|现象|问题|迹象)?(?:也|都|倒|倒是)?(?:(?:几乎|基本)?没有$|几乎为零|不存在|没出现|没发生|没发现|不大|不多))"
)
_CONCESSION = re.compile(r"(?:虽然|虽说|虽|尽管|即使|就算)")
_CONTRAST = re.compile(r"(?:但|不过|可是|可|还是|然而|却)")
_FEAR = re.compile(
    r"(?=[担害生就怕如要万假本原还以])"
    r"(?:担心|害怕|生怕|就怕|怕(?!死)|如果|(?<![主只需])要是|万一|假如|本来以为|原以为|本以为|还以为|以免)"
)


class Clause(NamedTuple):
    """Code points [start, end) of the text."""

    start: int
    end: int


def split(text: str) -> tuple[Clause, ...]:
    """Cut at punctuation, white space and contrasting conjunctions; nothing is longer than LONGEST."""
    return tuple(_pieces(text))


def _pieces(text: str) -> Iterator[Clause]:
    start = 0
    for found in _BREAK.finditer(text):
        end, after = found.span()
        if start < end:
            yield from _short(start, end)
        start = after
    yield from _short(start, len(text))


def _short(start: int, end: int) -> Iterable[Clause]:
    if 0 < end - start <= LONGEST:
        return (Clause(start, end),)
    return (Clause(at, min(at + LONGEST, end)) for at in range(start, end, LONGEST))


def negated(text: str, clause: Clause, start: int, end: int) -> bool:
    """True when the statement at [start, end) of the clause is denied: 没有破损, 不是质量问题, 不比别家差."""
    if text.startswith("不" + text[start:end], end):
        return True  # 掉色不掉色: a question
    nearby = max(clause.start, start - 10)
    if _MAY_DENY.search(text, nearby, start + 2):
        if text.startswith("不", start) and text[start - 1 : start] == text[start + 1 : start + 2]:
            return True  # 好不好, 行不行: a question
        if _WHETHER.search(text, max(nearby, start - 2), start + 2):
            return True  # another one
        before = text[nearby:start]
        if _NEGATED.search(before) or _COMPARED.search(before):
            return True
    return _AFTERWARDS.match(text, end, min(clause.end, end + 8)) is not None


def conceded(text: str, clauses: tuple[Clause, ...], at: int) -> bool:
    """True for the 虽然 half of 虽然…但是: what the writer grants before the point is made."""
    first = clauses[at]
    if not _CONCESSION.match(text, first.start, first.end):
        return False
    return any(_CONTRAST.match(text, later.start, later.end) for later in clauses[at + 1 : at + 3])


def imagined(text: str, clause: Clause, start: int) -> bool:
    """True after 担心, 如果, 万一…: it has not happened."""
    return _FEAR.search(text, max(clause.start, start - 12), start) is not None
