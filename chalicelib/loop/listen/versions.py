"""The versions of the tagger: which there are, which is live and whether it can be read, going back to one."""

from __future__ import annotations

from typing import Any

from chalicelib.loop.context import Loop, LoopUnit
from chalicelib.model.errors import Invalid, NotFound
from chalicelib.model.people import Caller, Role
from chalicelib.model.tagger import SHIPPED, Learning, LiveTagger, TaggerVersion, key_of
from chalicelib.model.weeks import local

SHOWN = 100


def live_tagger(unit: LoopUnit) -> LiveTagger:
    """Which version tags new contacts; the shipped one until another went live."""
    return unit.get(LiveTagger, "live") or LiveTagger()


def versions(unit: LoopUnit, limit: int = SHOWN) -> list[TaggerVersion]:
    """The newest learnt versions, newest first."""
    return unit.find(TaggerVersion, "tagger.all", "all", limit=limit, newest_first=True)


def same_model(unit: LoopUnit, digest: str) -> TaggerVersion | None:
    """The version whose model has that digest."""
    found = unit.find(TaggerVersion, "tagger.digest", digest, limit=1)
    return found[0] if found else None


def overview(loop: Loop) -> dict[str, Any]:
    """Every version with its state, the shipped one last; what is wrong with the live one; the last learning."""
    unit = loop.unit()
    live, learning = live_tagger(unit), unit.get(Learning, "learning") or Learning()
    return {
        **tagging(loop),
        "taggers": [
            shown(version, live.number) for version in (*versions(unit), TaggerVersion(number=SHIPPED))
        ],
        "learning": {
            "busy": learning.busy(unit.now),
            "asked_by": learning.asked_by,
            "tried": learning.tried,
            "outcome": learning.outcome,
        },
        "events": live.events,
    }


def tagging(loop: Loop) -> dict[str, Any]:
    """Which version is live, which one really tags, and why that is another one; `fault` None: all is well."""
    unit = loop.unit()
    live, fault = live_tagger(unit), live_fault(loop, unit)
    return {
        "live": live.number,
        "tags": SHIPPED if fault else live.number,
        "fault": _advised(live.number, fault).as_dict() if fault else None,
    }


def _advised(number: int, fault: Invalid) -> Invalid:
    """The fault with what happens meanwhile and what to do about it."""
    return Invalid(
        fault.code,
        f"现行第 {number} 版打标模型用不了，新联络由自带的第 0 版打标。请恢复它的文件，或换一个版本（./voc learn --revert N），"
        f"再用 ./voc retag --days N 重读其间的联络。原因：{fault.zh}",
        f"the live tagger, version {number}, cannot be used; version 0, the shipped one, tags new contacts. Restore "
        "its files or choose another version (./voc learn --revert N), then have ./voc retag --days N read again "
        f"what came meanwhile. Why: {fault.en}",
        fault.where,
    )


def shown(version: TaggerVersion, live: int) -> dict[str, Any]:
    """A version as every interface shows it."""
    return {**version.model_dump(mode="json", exclude={"version", "pending", "wake", "demo"}),
            "state": version.state(live)}  # fmt: skip


def live_fault(loop: Loop, unit: LoopUnit) -> Invalid | None:
    """Why new contacts are tagged by the shipped version although another is live; None when all is well."""
    live = live_tagger(unit)
    if not live.digest or loop.workshop is None:
        return None
    try:
        loop.workshop.tagger(unit.taxonomy, live.digest)
    except Invalid as fault:
        return fault
    return None


def go_live(loop: Loop, caller: Caller, number: int) -> TaggerVersion:
    """Make any version live, also one that was refused: a person may know better. New contacts only."""
    caller.must_be(Role.ADMIN)
    unit = loop.unit()
    version = TaggerVersion(number=SHIPPED) if number == SHIPPED else unit.get(TaggerVersion, key_of(number))
    if version is None:
        raise NotFound(
            "tagger.not_found", "没有这个版本，见 ./voc learn --list",
            "there is no such version; ./voc learn --list shows them", "number",
        )  # fmt: skip
    _still_there(version)
    if version.digest:
        _readable(loop, unit, version)

    def decide(unit: LoopUnit) -> TaggerVersion:
        live = live_tagger(unit)
        if live.number == number:
            return version
        unit.put(live.switched(version, unit.now, caller.name))
        if number == SHIPPED:
            return version
        now = unit.get(TaggerVersion, version.key) or version
        _still_there(now)
        return unit.put(now.model_copy(update={"went_live": unit.now}))

    return loop.change(decide)


def _still_there(version: TaggerVersion) -> None:
    """Raises Invalid for a version whose files were cleared away."""
    if version.cleared:
        raise Invalid(
            "tagger.cleared",
            f"第 {version.number} 版的模型文件已在 {local(version.cleared):%Y-%m-%d} 清除（只保留还用得着的），不能再启用；"
            "请选 ./voc learn --list 里没有清除的版本，或重新学习",
            f"the model files of version {version.number} were cleared away on {local(version.cleared):%Y-%m-%d} (only "
            "what may be needed is kept); choose a version that ./voc learn --list does not show as cleared, or learn again",
            "number",
        )


def _readable(loop: Loop, unit: LoopUnit, version: TaggerVersion) -> None:
    """Raises Invalid for a version whose files are not there: it would not tag a single contact."""
    if loop.workshop is None:
        raise Invalid("tagger.unavailable", "这里没有存放模型的地方", "models are not kept here", "number")
    loop.workshop.tagger(unit.taxonomy, version.digest)
