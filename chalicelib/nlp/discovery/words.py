"""Words of running text, also those that no dictionary has: neighbouring pieces that keep together."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from chalicelib.nlp.segment import segmenter

LONGEST, PIECES = 5, 3
"""Characters of a word, and segments it may be put together from."""
KEEP, MOSTLY = 8.0, 0.5
"""How many times as often as by chance its parts must stand together to be one word, or else the share of the
contacts with either part that must hold both together."""
ALWAYS = 0.9
"""A word of whose contacts this share say a longer one with it is only a piece of that."""
_RUNS = re.compile(r"[\u4e00-\u9fff]+|[a-z][a-z0-9+]*")
_MASK = re.compile(r"【[^】]{1,8}】")
"""What masking has put in the place of a number or a name."""
_OUTSIDE = frozenset(
    "的了是我你您他她它们也都就还很太在和与或及吧吗呢啊呀哦嗯哈呵嘛啦么把被给对从到这那有个些时着过得地"
    "又再才却但而且因为所以如果要会能可以说去来上下里中后前等之其已让向比更最真好多少大小一二两三四五六七八九十几"
)
"""Characters a word put together may not begin or end with."""
_JOINTS = frozenset("的了是我你他她它也都就很得地和与在被把给")
"""Those that no word put together has inside."""
_LEADING = frozenset("不没未无好大小上下前后多少")
"""Those of them, and others, it may begin with."""
_NAMELESS = """
我们 你们 他们 她们 它们 自己 人家 大家 别人 咱们 有人 各位 楼主 亲们 这个 那个 这样
那样 这种 那种 这么 那么 这些 那些 这里 那里 这边 那边 这次 那次 上次 下次 这是 那是
哪里 哪个 什么 怎么 怎样 为什么 多少 几个 一个 一下 一些 一点 一样 一直 一般 一定
一起 一次 一种 一款 一台 一件 一天 一年 一个月 两个 三个 两次 第一 第二 第一次 第二次
每次 每天 每个 所以 因为 但是 不过 可是 而且 然后 如果 虽然 只是 就是 还是 还有 或者
以及 并且 于是 因此 否则 即使 不管 无论 除了 可以 可能 应该 需要 能够 必须 不能 不会
不要 不是 不用 不到 没有 没什么 有点 有些 有的 已经 曾经 正在 现在 刚才 刚刚 今天
昨天 明天 前天 后来 以后 以前 之前 之后 之类 之间 时候 时间 最近 当时 目前 今年 去年
当天 早上 晚上 中午 下午 觉得 感觉 认为 知道 看到 听说 发现 希望 想要 以为 估计 看来
来说 的话 的时候 说是 比较 非常 特别 十分 相当 真的 确实 其实 其他 其它 另外 另一
同样 到底 根本 简直 居然 竟然 完全 几乎 差不多 基本 仅仅 也许 大概 好像 似乎 到了
起来 出来 过来 回来 下来 上来 进去 出去 开始 结果 东西 事情 情况 地方 方面 部分 问题
样子 意思 哈哈 哈哈哈 呵呵 谢谢 请问 你好 您好 直接 马上 立刻 总是 老是 经常 有时
有时候 再次 又是 都是 也是 很多 许多 多次 好多 不少 不如 不知道 不知 算是 还可以
"""
STOP = frozenset(_NAMELESS.split())
"""Words that name no cause, however often they occur."""


def cut(clause: str) -> Iterator[list[str]]:
    """The segments of each unbroken run of characters of a clause; Latin words stay whole."""
    for run in _RUNS.findall(_MASK.sub(" ", clause)):
        yield [run] if run[0] <= "z" else segmenter().cut(run)


def words_of(documents: Iterable[Sequence[str]], least: int) -> list[str]:
    """Words that stand in at least `least` of the documents (each a sequence of clauses), in order."""
    spans: Counter[str] = Counter()
    singles: Counter[str] = Counter()
    many = 0
    for clauses in documents:
        many += 1
        found: set[str] = set()
        characters: set[str] = set()
        for run in (run for clause in clauses for run in cut(clause)):
            found.update(_spans(run))
            characters.update("".join(run))
        spans.update(found)
        singles.update(characters)
    frequent = {word for word, count in spans.items() if count >= least and word not in STOP}
    held = {word for word in frequent if _holds(word, spans, singles, many)}
    return sorted(held - set(_pieces(held, spans)))


def _spans(run: Sequence[str]) -> Iterator[str]:
    """Everything of one to PIECES segments that might be a word."""
    for start, first in enumerate(run):
        word = ""
        for piece in run[start : start + PIECES]:
            word += piece
            if len(word) > LONGEST and word != first:
                break
            if len(word) > 1 and (word == first or (sound(word) and _JOINTS.isdisjoint(word))):
                yield word


def sound(word: str) -> bool:
    """True when it neither begins nor ends with a character that belongs to its neighbours."""
    begins = word[0] not in _OUTSIDE or word[0] in _LEADING
    return begins and word[-1] not in _OUTSIDE


def _holds(word: str, spans: Mapping[str, int], singles: Mapping[str, int], many: int) -> bool:
    """True for what is in the dictionary, and for parts that stand together far more often than by chance."""
    if word[0] <= "z":
        return True
    count = spans[word]
    for at in range(1, len(word)):
        left, right = word[:at], word[at:]
        first, second = (spans.get(part) or singles.get(part, 0) for part in (left, right))
        if count * many < KEEP * first * second and count < MOSTLY * max(first, second):
            return _known(word)
    return True


def _pieces(words: set[str], spans: Mapping[str, int]) -> Iterator[str]:
    """Words that are hardly ever said but as a part of a longer one."""
    for word in words:
        for length in range(2, len(word)):
            for start in range(len(word) - length + 1):
                part = word[start : start + length]
                if part in words and spans[part] * ALWAYS <= spans[word]:
                    yield part


def _known(word: str) -> bool:
    return len(segmenter().cut(word)) == 1


def finder(words: Sequence[str]) -> Callable[[Iterable[str]], set[int]]:
    """A function: clauses in, the indices of the words that stand in them out."""
    index = {word: at for at, word in enumerate(words)}
    lengths = sorted({len(word) for word in words if word[0] > "z"})

    def find(clauses: Iterable[str]) -> set[int]:
        found = set()
        for run in (run for clause in clauses for run in _RUNS.findall(_MASK.sub(" ", clause))):
            if run[0] <= "z":
                found.add(index.get(run, -1))
                continue
            for length in lengths:
                for start in range(len(run) - length + 1):
                    found.add(index.get(run[start : start + length], -1))
        found.discard(-1)
        return found

    return find
