"""Files of old taggers go, their records stay: what a version learnt and how good it was is never forgotten."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from chalicelib.loop.context import Loop, LoopUnit
from chalicelib.loop.listen.versions import live_tagger, versions
from chalicelib.model.errors import LoopError
from chalicelib.model.tagger import LiveTagger, TaggerVersion
from chalicelib.ports import ModelFiles

LOG = logging.getLogger(__name__)
LOOKED_AT = 1_000
"""Newest versions among which there may be some to clear: years of nights."""
AT_ONCE = 20
"""As many as every store saves at once."""
AGAIN = timedelta(days=7)
"""For so long files that could not be removed, or whose removal was killed, are tried again."""


def clear_old(loop: Loop, files: ModelFiles) -> list[int]:
    """Remove the files of versions nobody may need any more; returns which are newly cleared.

    The version says so first, in a save that fails when it goes live at the same moment; then the files go.
    """
    marked, owed = loop.change(_mark)
    for version in owed:
        try:
            files.remove(version.digest)
        except LoopError as error:
            LOG.warning("the files of tagger %s are still there (%s)", version.digest[:8], error.code)
    return marked


def _mark(unit: LoopUnit) -> tuple[list[int], list[TaggerVersion]]:
    known, settings = versions(unit, LOOKED_AT), unit.settings
    since = unit.now - timedelta(days=settings.models_days)
    fresh = unneeded(live_tagger(unit), known, since, settings.models_kept)[:AT_ONCE]
    marked = [unit.put(version.model_copy(update={"cleared": unit.now})) for version in fresh]
    owed = [v for v in known if v.cleared and unit.now - v.cleared < AGAIN]
    return [version.number for version in marked], [*marked, *owed]


def unneeded(
    live: LiveTagger, known: Sequence[TaggerVersion], since: datetime, newest: int
) -> list[TaggerVersion]:
    """Of the versions, newest first, those with files that nobody may go back to; the oldest first."""
    needed = live.needed(since) | {version.number for version in known[:newest]}
    return [v for v in reversed(known) if v.number not in needed and v.digest and not v.cleared]
