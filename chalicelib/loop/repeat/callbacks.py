"""Call-backs: the customer's answer is itself a contact; "not solved" reopens the case."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BeforeValidator, Field

from chalicelib.loop.context import Loop, LoopUnit
from chalicelib.loop.listen.arriving import NewContact, not_in_future
from chalicelib.loop.listen.take import take_one
from chalicelib.loop.own.moves import awake
from chalicelib.loop.own.route import came_back
from chalicelib.model.case import Callback, CallbackState, Case, CaseState, Satisfaction
from chalicelib.model.contact import Channel, Contact
from chalicelib.model.entity import Given
from chalicelib.model.errors import Conflict, Invalid
from chalicelib.model.people import Caller, not_found
from chalicelib.model.weeks import parse_time

YES = {"是": True, "已": True, "y": True, "yes": True, "true": True, "1": True}
NO = {"否": False, "未": False, "n": False, "no": False, "false": False, "0": False}
REACHED_WORDS: dict[str, bool] = {**YES, **NO} | {
    word: said
    for said, words in (
        (True, "接通 已接通 联系上 已联系上 联系上了 reached"),
        (False, "未接通 没接通 未联系上 没联系上 联系不上 无人接听 unreached"),
    )
    for word in words.split()
}
RESOLVED_WORDS: dict[str, bool] = {**YES, **NO} | {
    word: said
    for said, words in ((True, "解决 已解决 解决了 resolved"), (False, "未解决 没解决 没有解决 unresolved"))
    for word in words.split()
}
_SATISFACTION: dict[Satisfaction, str] = {
    "satisfied": "5 满意 很满意 非常满意",
    "basically_satisfied": "4 3 基本满意 较满意 比较满意 一般",
    "dissatisfied": "2 不满意 不太满意",
    "very_dissatisfied": "1 很不满意 非常不满意",
}
SATISFACTION_WORDS = {word: code for code, words in _SATISFACTION.items() for word in (code, *words.split())}


def _yes_no(words: dict[str, bool], where: str, zh: str) -> BeforeValidator:
    """What these words say; a word of the other question ("not solved" for `reached`) is refused."""

    def read(value: object) -> object:
        word = str(value).strip().lower()
        if value is None or word in words:
            return None if value is None else words[word]
        raise Invalid(f"callback.{where}", f"应为是或否（{zh}）", "must be true or false (yes or no)", where)

    return BeforeValidator(read)


def _satisfaction(value: object) -> object:
    word = str(value).strip().lower().removesuffix(".0")
    if value is None or (isinstance(value, (str, int, float)) and word in SATISFACTION_WORDS):
        return None if value is None else SATISFACTION_WORDS[word]
    raise Invalid(
        "callback.satisfaction",
        "没有这个满意度；可用：满意、基本满意、不满意、非常不满意，或 5 到 1",
        "no such satisfaction; known: satisfied, basically_satisfied, dissatisfied, very_dissatisfied, or 5 to 1",
        "satisfaction",
    )


def _time(value: object) -> object:
    return None if value in (None, "") else parse_time(value, where="time")  # type: ignore[arg-type]


Reached = Annotated[bool, _yes_no(REACHED_WORDS, "reached", "接通/未接通、联系上/未联系上")]
Resolved = Annotated[bool | None, _yes_no(RESOLVED_WORDS, "resolved", "已解决/未解决")]


class Answer(Given):
    """What came of one call."""

    reached: Reached
    resolved: Resolved = Field(None, description="Does the customer say it is solved")
    satisfaction: Annotated[Satisfaction | None, BeforeValidator(_satisfaction)] = None
    text: str = Field("", max_length=20_000, description="What the customer said")
    time: Annotated[datetime | None, BeforeValidator(_time)] = Field(
        None, description="When; without it a second `not reached` of the same round is taken for the first"
    )


def to_call(loop: Loop, caller: Caller, limit: int = 100) -> list[Callback]:
    """Who is to be called next, the most urgent first."""
    unit, state = loop.unit(), CallbackState.TO_CALL
    if caller.only is None:
        return unit.find(Callback, "callback.state", state, limit=limit)
    places = [f"{d}/{state}" for d in caller.only]
    found = [b for place in places for b in unit.find(Callback, "callback.department", place, limit=limit)]
    return sorted(found, key=lambda b: (b.due, b.key))[:limit]


def answer(
    loop: Loop, caller: Caller, case_id: str, said: Answer, tries: int | None = None
) -> tuple[Callback, bool]:
    """Record what came of a call for the case's latest resolution; False when it was known already.

    `tries` is how many calls were known before this one: `not reached`, sent again because the answer was lost,
    counts once.
    """
    if not said.reached and (said.resolved is not None or said.satisfaction or said.text):
        raise Invalid(
            "callback.contradiction",
            "没接通就没有回答，请核对",
            "not reached means there is no answer; check the row",
            "reached",
        )
    if said.time:
        not_in_future(said.time, loop.clock())
    callback = _latest(loop.unit(), caller, case_id)
    if _known(callback, said) or (not said.reached and tries is not None and callback.attempts > tries):
        return callback, False
    contact = _as_contact(loop, caller, callback, said) if said.reached else ""
    return loop.change(lambda unit: _answered(unit, caller, case_id, said, contact)), True


def _known(callback: Callback, said: Answer) -> bool:
    if callback.state is CallbackState.TO_CALL:
        return not said.reached and callback.attempts > 0 and said.time in (None, callback.called)
    reached = callback.state is CallbackState.REACHED
    if (said.reached, said.resolved, said.satisfaction) == (
        reached,
        callback.says_resolved,
        callback.satisfaction,
    ):
        return True
    if callback.state in (CallbackState.CANCELLED, CallbackState.ERASED):
        raise Conflict(
            "callback.cancelled",
            "工单已重新打开或撤销，这次回访已取消",
            "the case came back or went; this call-back is cancelled",
            "case",
        )
    raise Conflict(
        "callback.done",
        "这次回访已有结果，不能再改",
        "this call-back has its result already; it cannot be changed",
        "case",
    )


def _latest(unit: LoopUnit, caller: Caller, case_id: str) -> Callback:
    found = unit.find(Callback, "callback.case", case_id, newest_first=True, limit=1)
    if not found or not caller.sees([found[0].department]):
        raise not_found("callback")
    return found[0]


def _as_contact(loop: Loop, caller: Caller, callback: Callback, said: Answer) -> str:
    """Take the answer as a contact. It is taken before the call-back is closed, so that a crash between the
    two loses nothing; its natural key is the call-back's, so that the repetition takes it once."""
    state = {True: "已解决", False: "未解决", None: "已接通"}[said.resolved]
    new = NewContact(
        text=said.text or f"回访：{state}",
        channel=Channel.CALLBACK,
        external_id=f"{callback.key}/{callback.attempts}",
        time=said.time,
    )
    return take_one(loop, caller, new).id


def _answered(unit: LoopUnit, caller: Caller, case_id: str, said: Answer, contact_id: str) -> Callback:
    callback = _latest(unit, caller, case_id)
    if _known(callback, said):
        return callback
    at = said.time or unit.now
    contact = unit.get(Contact, contact_id) if contact_id else None
    if contact:
        place = {
            "answers_case": case_id,
            "case": case_id,
            "customer": callback.customer,
            "demo": callback.demo,
        }
        unit.put(contact.model_copy(update=place))
    attempts = callback.attempts + 1
    given_up = not said.reached and attempts >= unit.settings.callback_attempts
    state = CallbackState.REACHED if said.reached else CallbackState.TO_CALL
    callback = callback.model_copy(
        update={
            "state": CallbackState.NOT_REACHED if given_up else state,
            "attempts": attempts,
            "called": at,
            "in_limit": said.reached and at <= callback.due,
            "says_resolved": said.resolved,
            "satisfaction": said.satisfaction,
            "contact": contact_id,
        }
    )
    case = unit.get(Case, case_id)
    if case:
        case = case.with_event(
            at, "CustomerCalled", caller.name, reached=said.reached, resolved=said.resolved
        )
        unit.put(callback)  # answered: coming back must not cancel it
        if said.resolved is False and case.state in (CaseState.UNVERIFIED, CaseState.VERIFIED):
            case = came_back(unit, case, caller.name, contact=contact_id)
        unit.put(awake(case))
    return unit.put(callback)
