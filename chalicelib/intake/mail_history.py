"""What was written this time, before the message that it answers."""

from __future__ import annotations

import re
from collections.abc import Sequence

from chalicelib.loop.listen.arriving import LONGEST_TEXT

MOST_READ = 10 * LONGEST_TEXT
"""Characters that are looked through for what was written; a contact keeps a tenth of them."""
_SEPARATOR = re.compile(
    r"[-_]{4,} ?(?:原始邮件|原邮件|回复的原邮件|转发邮件|转发的邮件|original message|forwarded message).*"
)
_SENDER = re.compile(r"\W?(?:发件人|寄件者|from)\W?\s?[:：].*")
_OTHERS = re.compile(r"\W?(?:发送时间|日期|收件人|sent|date|to)\W?\s?[:：].*")
_YEAR = re.compile(r"\d{4}")
LONGEST_LINE = 300
"""Characters of a line that may begin an earlier message; also what keeps these patterns quick."""


def without_history(text: str) -> str:
    """What stands before the earlier message that this one answers; all of it where nothing else would be left."""
    lines = text[:MOST_READ].splitlines()
    own = []
    for at, line in enumerate(lines):
        if _begins_history(lines[at : at + 4]):
            break
        if not line.lstrip().startswith(">"):
            own.append(line)
    return "\n".join(own).strip() or text[:MOST_READ].strip()


def _begins_history(lines: Sequence[str]) -> bool:
    """Whether an earlier message begins with these lines, as the usual programs write it."""
    line, *following = (each[:LONGEST_LINE].strip().casefold() for each in lines)
    if len(lines[0]) > LONGEST_LINE:
        return False
    if line.endswith((":", "：")):
        said = line[:-1].rstrip()
        if said.endswith(("写道", "寫道")):
            return _YEAR.search(said) is not None
        if said.startswith("on ") and said.endswith(" wrote"):
            return True
    if _SENDER.fullmatch(line):
        return any(_OTHERS.fullmatch(each) for each in following)
    return _SEPARATOR.fullmatch(line) is not None
