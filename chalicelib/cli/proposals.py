"""`discover` and `proposals`: look for causes nobody has named yet, and decide what becomes of them."""

from __future__ import annotations

from typing import Any

from chalicelib.cli import words
from chalicelib.cli.context import Run
from chalicelib.cli.moving import finish
from chalicelib.cli.output import progress, say, table
from chalicelib.loop.focus.discovering import discover as look_for
from chalicelib.loop.focus.discovering import likely_owner
from chalicelib.loop.repeat import proposals as deciding
from chalicelib.loop.repeat.backcast import read_back
from chalicelib.loop.repeat.proposals import STATE_ZH, NewCause, Words
from chalicelib.model.checked import checked
from chalicelib.model.contact import Contact
from chalicelib.model.entity import Given
from chalicelib.model.errors import Invalid
from chalicelib.model.proposal import Discovery, Evidence, Proposal, ProposalState
from chalicelib.model.taxonomy import Taxonomy
from chalicelib.model.weeks import parse_week

Result = tuple[int, dict[str, Any]]
COLUMNS = [
    ("id", "提议 proposal"),
    ("week", "周 week"),
    ("name", "名称 name"),
    ("words", "说法 words"),
    ("weekly", "每周 a week"),
    ("trend", "各周 by week"),
    ("nearest", "最近的原因 nearest"),
    ("department", "部门 department"),
]


def discover(run: Run) -> Result:
    """Look for causes nobody has named yet, save what is new and show it."""
    run.may("start_discovery")
    week = parse_week(run.args.week, where="--week") if run.args.week else ""
    by = run.caller.name
    with progress("查找新原因 looking for new causes") as advance:
        look = look_for(run.loop, by, week, lambda done, total: advance(done, total))
    taxonomy, found = run.loop.unit().taxonomy, look.discovery
    say(f"到 {found.week} 为止看了 {found.contacts} 条联络 {found.contacts} contacts up to {found.week}")
    if found.share < 1:
        say(f"联络太多，按编号抽了 {found.share:.0%} a share of all, chosen by id; numbers are scaled up")
    table("新提议 new proposals", [_row(one, taxonomy) for one in look.fresh], COLUMNS)
    if look.again:
        say(f"已提过 proposed before: {'、'.join(one.id for one in look.again)}")
    table("突然多起来的说法 sudden words of known causes", _sudden_rows(found, taxonomy), SUDDEN)
    return 0, {
        "week": found.week,
        "contacts": found.contacts,
        "proposals": [plainly(one) for one in look.fresh],
        "again": [one.id for one in look.again],
        "sudden": found.sudden,
    }


SUDDEN = [("cause", "原因 cause"), ("words", "说法 words（现在/此前 now/before）")]


def _sudden_rows(found: Discovery, taxonomy: Taxonomy) -> list[dict[str, Any]]:
    return [
        {
            "cause": taxonomy.label(one.cause),
            "words": [f"{w.word} {w.current}/{w.baseline}" for w in one.words],
        }
        for one in found.sudden
    ]


def plainly(proposal: Proposal) -> dict[str, Any]:
    """A proposal for programs: only what was found and decided."""
    hidden = {"members", "pending", "wake", "version", "demo"}
    return proposal.model_dump(mode="json", exclude=hidden)


def _row(one: Proposal, taxonomy: Taxonomy) -> dict[str, Any]:
    return {
        "id": one.id,
        "week": one.week,
        "name": one.name if not one.earlier else f"{one.name}（再提 again）",
        "words": [word.word for word in one.words],
        "weekly": one.weekly,
        "trend": " ".join(str(n) for _, n in one.trend),
        "nearest": taxonomy.label(one.nearest) if one.nearest else None,
        "department": words.department(taxonomy, likely_owner(one, taxonomy)),
    }


def proposals(run: Run) -> Result:
    """List proposals, show one, or decide on one."""
    action = {"list": _list, "show": _show, "accept": _accept, "merge": _merge, "refuse": _refuse}
    if run.args.action != "list" and not run.args.id:
        raise Invalid(
            "proposal.id",
            "请给出提议编号，./voc proposals 列出",
            "name the proposal; ./voc proposals lists them",
            "id",
        )
    return action[run.args.action](run)


def _list(run: Run) -> Result:
    run.may("list_proposals")
    state = ProposalState(run.args.state)
    taxonomy, found = run.loop.unit().taxonomy, deciding.listed(run.loop, state)
    table(f"{STATE_ZH[state]}的提议 {state} proposals", [_row(one, taxonomy) for one in found], COLUMNS)
    return 0, {"proposals": [plainly(one) for one in found]}


def _show(run: Run) -> Result:
    run.may("read_proposal")
    unit = run.loop.unit()
    one = deciding.by_id(unit, run.args.id)
    table(f"{one.id}（{STATE_ZH[one.state]} {one.state}）", [_row(one, unit.taxonomy)], COLUMNS)
    say(one.definition)
    _evidence(one.words)
    found = deciding.examples(unit, run.caller, one)
    names = [("id", "编号"), ("time", "时间"), ("channel", "渠道"), ("text", "内容 text")]
    for name, title in (("typical", "典型联络 typical"), ("border", "边缘联络 border")):
        table(title, [_example(contact) for contact in found[name]], names)
    if one.state in (ProposalState.OPEN, ProposalState.REFUSED):
        say(
            "采纳 accept: ./voc proposals accept 编号 --label 名称 --department 部门；"
            "并入 merge: ./voc proposals merge 编号 --into 原因代码；否决 refuse: ./voc proposals refuse 编号 --reason 理由"
        )
    else:
        say(f"{STATE_ZH[one.state]} {one.cause}：{one.reason}（{words.actor(one.decided_by)}）")
    ids = {name: [contact.id for contact in contacts] for name, contacts in found.items()}
    return 0, {"proposal": plainly(one), "examples": ids}


def _evidence(found: tuple[Evidence, ...]) -> None:
    names = [("word", "说法 word"), ("current", "现在 now"), ("baseline", "此前 before"), ("z", "z")]
    table("证据 evidence", [word.model_dump() for word in found], names)


def _example(contact: Contact) -> dict[str, Any]:
    row = {"id": contact.id, "time": words.minute(contact.time), "channel": str(contact.channel)}
    return {**row, "text": contact.text.replace("\n", " ")[:120]}


def _accept(run: Run) -> Result:
    run.may("accept_proposal")
    a = run.args
    names = ("code", "label", "department", "denominator", "reason")
    given = {name: getattr(a, name) for name in names if getattr(a, name)}
    new = checked(NewCause, {**given, "words": _words(a.words)})
    return _done(run, deciding.accept(run.loop, run.caller, a.id, new))


def _merge(run: Run) -> Result:
    run.may("merge_proposal")
    a = run.args
    if not a.into:
        raise Invalid("proposal.into", "请用 --into 指明原因代码", "name the cause with --into", "--into")
    into = checked(_Some, {"words": _words(a.words)}).words
    return _done(run, deciding.merge(run.loop, run.caller, a.id, a.into, into, a.reason or ""))


class _Some(Given):
    words: Words | None = None


def _words(text: str | None) -> list[str] | None:
    return [word.strip() for word in text.replace("，", ",").split(",") if word.strip()] if text else None


def _refuse(run: Run) -> Result:
    run.may("refuse_proposal")
    if not run.args.reason:
        raise Invalid(
            "proposal.reason", "请用 --reason 说明理由", "give the reason with --reason", "--reason"
        )
    return _done(run, deciding.refuse(run.loop, run.caller, run.args.id, run.args.reason))


def _done(run: Run, proposal: Proposal) -> Result:
    """Wait until the past has been read again."""
    owed = 0
    if proposal.back:
        with progress("重读历史 reading the past again") as advance:
            owed = read_back(run.loop, proposal.id, lambda n: advance(n))
        finish(run)
    say(f"{proposal.id} {STATE_ZH[proposal.state]} {proposal.state} {proposal.cause}")
    if proposal.taxonomy and proposal.back:
        say(
            f"分类第 {proposal.taxonomy} 版，从 {proposal.back.first} 起重读了 {owed} 条 "
            f"version {proposal.taxonomy} of the taxonomy; {owed} contacts since {proposal.back.first} read again"
        )
    return 0, {"proposal": plainly(proposal), "read_again": owed}
