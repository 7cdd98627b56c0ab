"""What the demo company's people do with its cases, each at the minute chance gives: through the loop's own orders."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heappop, heappush
from random import Random

from chalicelib.demo import story, words
from chalicelib.demo.arrivals import Arrival, Arrivals
from chalicelib.loop.context import Loop
from chalicelib.loop.coordinate.together import ask, ask_owner, comment, finish
from chalicelib.loop.own.cases import accept, resolve
from chalicelib.loop.repeat.callbacks import Answer, answer
from chalicelib.model.case import Callback, CallbackState, Case, CaseState, Satisfaction
from chalicelib.model.contact import Contact
from chalicelib.model.people import Caller, Role
from chalicelib.model.weeks import local
from chalicelib.model.workdays import Hours, is_workday

LATE, FORGOTTEN = 0.09, 0.02
"""Share of steps that take far too long; of cases nobody looks at until they are escalated."""
TOGETHER, MISROUTED, TALKED = 0.05, 0.012, 0.03
"""Share of cases on which another department is asked, that change hands, that are talked about."""
WRONG = (0.24, 0.16)
"""Share of first and of later resolutions that solve nothing."""
TELLS = 0.3
"""Share of those customers who say so by themselves."""
REACHED, LATER_REACHED, CALLS = 0.66, 0.27, 3
"""Share of first calls that reach somebody, of further ones, and how many there are: in the end four of five."""
HONEST = 0.96
"""Share of answers that say how it is."""
Act = Callable[[Loop], None]

LEADS = {d: name for name, person in story.PEOPLE.items() for d in person.departments}
AGENTS = [name for name, person in story.PEOPLE.items() if person.role is Role.AGENT]
USUAL = {3: (10, 60, 90, 300), 2: (40, 420, 240, 1_100), 1: (60, 900, 300, 2_400), 0: (60, 1_200, 300, 3_000)}
"""By severity: least and most working minutes to accept, then to resolve."""


def caller(name: str) -> Caller:
    """A demo user as the loop sees them."""
    person = story.PEOPLE[name]
    return Caller(name, person.role, person.departments)


def lead(department: str) -> Caller:
    """Who answers for a department."""
    return caller(LEADS[department])


def later(moment: datetime, minutes: float, hours: Hours) -> datetime:
    """That many working minutes later."""
    wall, left = local(moment), timedelta(minutes=minutes)
    while True:
        midnight = wall.replace(hour=0, minute=0, second=0, microsecond=0)
        opens, closes = (midnight + timedelta(minutes=m) for m in (hours.open_minute, hours.close_minute))
        begin = max(wall, opens)
        if is_workday(wall.date(), hours) and begin + left <= closes:
            return begin + left
        if is_workday(wall.date(), hours):
            left -= max(closes - begin, timedelta())
        wall = midnight + timedelta(days=1)


@dataclass
class Office:
    """The people, and what each of them will do when."""

    rng: Random
    arrivals: Arrivals
    hours: Hours
    story_of: dict[str, Arrival] = field(default_factory=dict)
    """Case -> the contact that opened it."""
    _agenda: list[tuple[datetime, int, Act]] = field(default_factory=list)
    _planned: set[str] = field(default_factory=set)
    _count: int = 0

    def at(self, moment: datetime, act: Act) -> None:
        """Do something at a moment."""
        self._count += 1
        heappush(self._agenda, (moment, self._count, act))

    def work(self, loop: Loop, until: datetime) -> None:
        """Everything up to that moment, each thing at its own."""
        while self._agenda and self._agenda[0][0] <= until:
            moment, _, act = heappop(self._agenda)
            act(loop.at(moment))

    def see(self, loop: Loop, came: Sequence[tuple[Arrival, str]]) -> None:
        """Look at the cases of contacts that have just come in, and plan what is done about new ones."""
        unit = loop.unit()
        contacts = unit.many(Contact, [key for _, key in came])
        cases = unit.many(Case, [c.case for c in contacts.values() if c.case])
        for arrival, key in came:
            case = cases.get(contacts[key].case)
            if case and case.state in (CaseState.TO_ACCEPT, CaseState.CAME_BACK):
                self.story_of.setdefault(case.id, arrival)
                self._plan_accept(case, loop.clock())

    def _plan_accept(self, case: Case, now: datetime) -> None:
        if case.id in self._planned:
            return
        self._planned.add(case.id)
        least, most, _, _ = USUAL[case.severity]
        minutes = self._minutes(case, least, most)
        if case.severity < 3 and self.rng.random() < FORGOTTEN:
            minutes = 7 * 540 + self.rng.randint(30, 900)
        self.at(later(now, minutes, self.hours), lambda loop: self._accept(loop, case.id))

    def _minutes(self, case: Case, least: int, most: int) -> float:
        short: float = self.rng.random() ** 1.7  # most things are done soon
        minutes = (least + (most - least) * short) * story.PACE.get(case.department, 1.0)
        return minutes * (self.rng.uniform(2, 3.5) if self.rng.random() < LATE else 1)

    def _accept(self, loop: Loop, case_id: str) -> None:
        self._planned.discard(case_id)
        case = _case(loop, case_id)
        if case is None or case.state is CaseState.WORKING:
            return
        case = accept(loop, lead(case.department), case_id)
        rng, minutes = self.rng, 0.0
        if rng.random() < TOGETHER:
            other, what = words.TASKS[case.department]
            case = ask(loop, lead(case.department), case_id, other, what, "", None)
        if rng.random() < MISROUTED:
            case = self._hand_over(loop, case)
        if rng.random() < TALKED:
            self._talk(loop.clock(), case)
        for task in case.tasks:
            if not task.done:
                minutes = max(minutes, spent := self._minutes(case, 60, 900))
                done = later(loop.clock(), spent, self.hours)
                self.at(done, self._finisher(case_id, task.id, task.department))
        _, _, least, most = USUAL[case.severity]
        done = later(loop.clock(), max(self._minutes(case, least, most), minutes + 20), self.hours)
        self.at(done, lambda loop: self._resolve(loop, case_id))

    def _hand_over(self, loop: Loop, case: Case) -> Case:
        other, _ = words.TASKS[case.department]
        if LEADS[other] == LEADS[case.department]:
            return case
        ask_owner(loop, lead(case.department), case.id, other, "查过了，根子在贵部门", None)
        return accept(loop, lead(other), case.id)

    def _talk(self, now: datetime, case: Case) -> None:
        names = {"lead": LEADS[case.department]}
        for n, (who, text) in enumerate(self.rng.sample(words.COMMENTS, 2)):
            speaker = caller(names["lead"] if who == "lead" else self.rng.choice(AGENTS))
            line = text.format(**names)
            moment = later(now, 25.0 * (n + 1), self.hours)
            self.at(moment, lambda loop, s=speaker, t=line: _comment(loop, s, case.id, t))  # type: ignore[misc]

    def _finisher(self, case_id: str, task: str, department: str) -> Act:
        def act(loop: Loop) -> None:
            finish(loop, lead(department), case_id, task, self.rng.choice(words.NOTES), None)

        return act

    def _resolve(self, loop: Loop, case_id: str) -> None:
        case = _case(loop, case_id)
        if case is None or case.state is not CaseState.WORKING:
            return
        if any(not t.done for t in case.tasks):  # a later contact asked for more
            self._finish_all(loop, case)
        case = resolve(loop, lead(case.department), case_id, self.rng.choice(words.NOTES))
        wrong = self.rng.random() < WRONG[min(case.reopened, 1)]
        arrival = self.story_of.get(case_id)
        if wrong and arrival and arrival.buyer and self.rng.random() < TELLS:
            self.arrivals.back(self.rng, arrival, loop.clock())
        if case.reachable:
            self._plan_call(loop.clock(), f"{case_id}/{case.reopened + 1}", solved=not wrong, call=1)

    def _finish_all(self, loop: Loop, case: Case) -> None:
        for task in case.tasks:
            if not task.done:
                finish(loop, lead(task.department), case.id, task.id, self.rng.choice(words.NOTES), None)

    def _plan_call(self, now: datetime, key: str, *, solved: bool, call: int) -> None:
        wait = self.rng.uniform(1_100, 1_900) if self.rng.random() < LATE else self.rng.uniform(60, 800)
        self.at(later(now, wait, self.hours), lambda loop: self._call(loop, key, solved, call))

    def _call(self, loop: Loop, key: str, solved: bool, call: int) -> None:
        agent, rng = caller(self.rng.choice(AGENTS)), self.rng
        case_id = key.partition("/")[0]
        callback = loop.unit().get(Callback, key)
        if callback is None or callback.state is not CallbackState.TO_CALL:  # it came back before the call
            return
        if rng.random() >= (REACHED if call == 1 else LATER_REACHED):
            answer(loop, agent, case_id, Answer(reached=False, time=loop.clock()))
            if call < CALLS:
                self._plan_call(loop.clock(), key, solved=solved, call=call + 1)
            return
        says = solved if rng.random() < HONEST else not solved
        said = Answer(reached=True, resolved=says, satisfaction=_mood(rng, says), text=_words(rng, says))
        answer(loop, agent, case_id, said)
        after = _case(loop, case_id)
        if after and after.state is CaseState.CAME_BACK:
            self._plan_accept(after, loop.clock())


def _case(loop: Loop, case_id: str) -> Case | None:
    return loop.unit().get(Case, case_id)


def _comment(loop: Loop, speaker: Caller, case_id: str, line: str) -> None:
    comment(loop, speaker, case_id, line)


def _words(rng: Random, says: bool) -> str:
    return rng.choice(words.SAID_SOLVED if says else words.SAID_NOT_SOLVED)


MOODS: tuple[Satisfaction, ...] = ("satisfied", "basically_satisfied", "dissatisfied", "very_dissatisfied")


def _mood(rng: Random, says: bool) -> Satisfaction | None:
    if rng.random() < 0.06:
        return None
    weights = (56, 34, 8, 2) if says else (3, 14, 55, 28)
    return rng.choices(MOODS, weights)[0]
