"""What a store was restored from. While it is unfinished nothing but the restore may use the store."""

from __future__ import annotations

from datetime import datetime

from chalicelib.model.entity import Entity
from chalicelib.model.errors import Conflict


class Restored(Entity):
    """A restore, begun and, once `done` is there, whole."""

    kind = "restored"

    backup: str
    """SHA-256 of the backup's manifest."""
    taken: datetime
    """When the backup began: who was erased since has to be erased again."""
    begun: datetime
    done: datetime | None = None

    @property
    def key(self) -> str:
        """There is one."""
        return "restored"


def unfinished() -> Conflict:
    """The refusal to use a store that holds only part of a backup."""
    return Conflict(
        "restore.unfinished",
        "这里的恢复没有做完；请用同一个文件再运行一次 ./voc restore",
        "a restore into this store is not finished; run ./voc restore again with the same file",
        "restore",
    )
