"""What an operation left behind in one or two lines: its number, state, due time and who is waited for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from chalicelib.cli import words
from chalicelib.loop.context import LoopUnit
from chalicelib.loop.coordinate.together import waited_for
from chalicelib.model.case import Callback, CallbackState, Case
from chalicelib.model.contact import Contact
from chalicelib.model.cycle import Cycle
from chalicelib.model.project import Project
from chalicelib.model.promise import Promise
from chalicelib.model.voice import Andon, AndonState, Voice
from chalicelib.model.weeks import local


def lines(answer: Any, unit: LoopUnit) -> list[str]:
    """The lines for people; none when the answer holds nothing they are made for."""
    held = answer.values() if isinstance(answer, Mapping) else [answer]
    for value in held:
        if make := LINES.get(type(value)):
            found: list[str] = make(value, answer if isinstance(answer, Mapping) else {}, unit)
            return found
    return []


def _case(case: Case, answer: Mapping[str, Any], unit: LoopUnit) -> list[str]:
    owner = words.department(unit.taxonomy, case.department)
    head = f"工单 {case.id}：{words.state(case)}　{unit.taxonomy.label(case.cause)}　责任部门 {owner}"
    waited = waited_for(case, unit.now, unit.settings.worktime)
    rows = [
        f"{words.department(unit.taxonomy, w['department'])}"
        f"（{words.MOVES.get(w['for'], '任务 ' + w['for'])}，时限 {words.minute(w['due'])}）"
        for w in waited
    ]
    if case.asked_department:
        rows.append(f"{words.department(unit.taxonomy, case.asked_department)}（接手）")
    if case.verify_at and case.state == "unverified":
        rows.append(f"客户（到 {words.minute(case.verify_at)} 没再来即已验证）")
    return [head, *([f"在等 waiting for {'、'.join(rows)}"] if rows else [])]


def _project(project: Project, answer: Mapping[str, Any], unit: LoopUnit) -> list[str]:
    state = words.PROJECT_STATES.get(project.state, project.state)
    owner = words.department(unit.taxonomy, project.department)
    head = f"项目 {project.id}：{state}　{project.title}　责任部门 {owner}"
    verdict = answer.get("verdict")
    if not verdict:
        return [head]
    stands = words.VERDICT_STATES.get(verdict["state"], str(verdict["state"]))
    if word := verdict.get("word"):
        stands = f"{words.WORDS[word]} {word}"
    outlook = verdict.get("outlook")
    weeks = f"{verdict['weeks']}/{verdict['weeks_needed']} 周"
    told = [outlook["zh"], outlook["en"]] if outlook else []
    return [head, f"结论 verdict：{stands}，{weeks}，到期 due {local(verdict['due']):%Y-%m-%d}", *told]


def _callback(callback: Callback, answer: Mapping[str, Any], unit: LoopUnit) -> list[str]:
    state = words.CALLBACK_STATES.get(callback.state, callback.state)
    head = f"回访 {callback.case}：{state}　第 {callback.round} 次办结，已拨 {callback.attempts} 次"
    if callback.state == CallbackState.TO_CALL:
        head += f"　时限 due {words.minute(callback.due)}"
    if callback.says_resolved is not None:
        head += f"　客户说{'已' if callback.says_resolved else '没'}解决"
    case = unit.get(Case, callback.case)
    return [head, *(_case(case, {}, unit)[:1] if case else [])]


def _contact(contact: Contact, answer: Mapping[str, Any], unit: LoopUnit) -> list[str]:
    labels = "、".join(unit.taxonomy.label(c) for c in contact.causes) or "无 none"
    owner = words.department(unit.taxonomy, contact.department)
    head = f"联络 {contact.id}：原因 {labels}　部门 {owner}　工单 {contact.case or '—'}"
    return [head, contact.text.replace("\n", " ")[:200]]


def _andon(andon: Andon, answer: Mapping[str, Any], unit: LoopUnit) -> list[str]:
    said = f"（{words.ANDON_ANSWERS[andon.answer]}）" if andon.answer else ""
    head = f"安灯 {andon.id}：{words.ANDON_STATES.get(andon.state, andon.state)}{said}　{andon.subject}"
    if andon.state != AndonState.RAISED:
        return [head]
    owner = words.department(unit.taxonomy, andon.department)
    return [head, f"在等 waiting for {owner}（答复，时限 {words.minute(andon.due)}）"]


def _voice(voice: Voice, answer: Mapping[str, Any], unit: LoopUnit) -> list[str]:
    project = f"　项目 {voice.project}" if voice.project else ""
    return [f"心声 {voice.id}：{len(voice.supporters)} 人支持{project}　{voice.text[:200]}"]


def _promise(promise: Promise, answer: Mapping[str, Any], unit: LoopUnit) -> list[str]:
    state = words.PROMISE_STATES[promise.state]
    return [f"承诺 {promise.id}：{state}　{promise.what}　时限 due {words.minute(promise.due)}　{promise.by}"]


def _cycle(cycle: Cycle, answer: Mapping[str, Any], unit: LoopUnit) -> list[str]:
    head = f"周期 {cycle.week}：{words.CYCLE_STATES[cycle.state]}　本期决定 {len(cycle.decisions)} 项"
    if not cycle.decisions:
        return [head]
    last = cycle.decisions[-1]
    return [
        head,
        f"最近的决定：{words.DECISIONS[last.what]} {last.about}　{last.reason}（{words.actor(last.by)}）",
    ]


Make = Callable[[Any, Mapping[str, Any], LoopUnit], list[str]]
LINES: dict[type, Make] = {
    Case: _case,
    Project: _project,
    Callback: _callback,
    Contact: _contact,
    Andon: _andon,
    Voice: _voice,
    Promise: _promise,
    Cycle: _cycle,
}
