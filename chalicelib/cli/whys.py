"""`voc why`: the 5-Why of a project, shown, added to and taken back from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from chalicelib.cli.context import Run
from chalicelib.cli.output import say
from chalicelib.loop.track import whys

Row = dict[str, Any]


def why(run: Run) -> tuple[int, Row]:
    """Show the tree; with a text add a reason, with --withdraw take one back."""
    args = run.args
    if args.withdraw:
        run.may("withdraw_why")
        found = whys.withdraw_why(run.loop, run.caller, args.id, args.withdraw, None)
    elif args.text:
        run.may("say_why")
        found = whys.say_why(
            run.loop,
            run.caller,
            args.id,
            text=args.text,
            under=args.under,
            contacts=args.contact,
            assumption=args.assumption,
            share=args.share,
        )
    else:
        run.may("read_why")
        found = whys.tree(run.loop, run.caller, args.id)
    show(found)
    return 0, found


def show(tree: Row) -> None:
    """The tree, each reason under what it explains."""
    if not tree["because"]:
        say("还没有人说为什么 nobody has said why yet")
        return
    say(f"为什么 why（已解释 explained {tree['explained']} %）")
    for line in _lines(tree["because"], 1):
        say(line)


def _lines(reasons: list[Row], depth: int) -> Iterator[str]:
    for one in reasons:
        share = "" if one["share"] is None else f" {one['share']} %"
        cited = len(one["contacts"]) + one["hidden"]
        stands = [f"{cited} 条联络 contacts"] if cited else []
        stands += ["假设 assumption"] if one["assumption"] else []
        yield f"{'  ' * depth}{one['id']}{share} {one['text']}（{'，'.join(stands)}）"
        yield from _lines(one["because"], depth + 1)
