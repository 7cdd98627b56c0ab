"""`voc backup` and `voc restore`: everything into one file, and back into an empty store of either engine."""

from __future__ import annotations

import tomllib
from datetime import datetime
from pathlib import Path
from typing import Any

from chalicelib.backup.checking import Backup, opened
from chalicelib.backup.erased import erase_again, keep_receipts, read_receipts
from chalicelib.backup.form import Engine
from chalicelib.backup.making import make
from chalicelib.backup.restoring import check_key, restore
from chalicelib.cli.context import Run
from chalicelib.cli.output import progress, say, table
from chalicelib.model.customer import Receipt
from chalicelib.model.errors import Invalid
from chalicelib.model.restored import Restored
from chalicelib.model.weeks import local, parse_time
from chalicelib.wiring import own_vault

ROOT = Path(__file__).resolve().parents[2]
MB = 1_000_000
Result = tuple[int, dict[str, Any]]


def back_up(run: Run) -> Result:
    """Write a backup, or only the receipts of erasures, to a new file."""
    path = Path(run.args.out)
    if run.args.receipts:
        n = keep_receipts(run.loop, path)
        say(f"{n} 份删除回执 receipts: {path}；和备份分开保管 keep it apart from the backups")
        return 0, {"out": str(path), "receipts": n}
    engine: Engine = "dynamodb" if run.environment.table else "sqlite"
    product = str(tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"])
    with progress("备份 backing up") as advance:
        made = make(run.loop, engine, product, path, lambda part, n: advance(n, label=f"备份 {part}"))
    size = path.stat().st_size
    entities = sum(made.counts.values())
    say(f"已备份 {entities} 条记录 records，{size / MB:.1f} MB: {path}")
    say("密钥不在里面：vault.key（或 VOC_SECRET）另存一处，丢了它原文打不开、客户认不出")
    say("the key is not inside: keep vault.key (or VOC_SECRET) elsewhere; without it no original ever opens")
    if engine == "dynamodb":
        say(
            f"每条记录都是完整的，各取自 {_told(made.began)} 到 {_told(made.ended)} 之间的某一刻；恢复后运行 ./voc rebuild"
            " / each record is whole and from some moment between the two; after a restore run ./voc rebuild"
        )
    return 0, {"out": str(path), "bytes": size, "records": entities, "counts": made.counts}


def bring_back(run: Run) -> Result:
    """Restore a backup into an empty store; erase again who was erased since it was made."""
    args = run.args
    if not (args.packed or args.erased):
        raise Invalid("restore.what", "请用 --in 指明备份", "name the backup with --in", "--in")
    receipts = read_receipts(Path(args.erased)) if args.erased else None
    said: dict[str, Any] = {}
    if args.packed:
        vault = own_vault(run.environment)
        with opened(Path(args.packed), args.drop_unknown) as backup:
            check_key(vault, backup)
            said = _restored(run, backup)
    if receipts is None:
        say("这之后删除过的人又回来了：请用另存的回执再删一次 ./voc restore --erased 回执文件")
        say("who was erased since is back: erase them again with ./voc restore --erased RECEIPTS")
        return 0, said
    return 0, {**said, **_erased(run, receipts)}


def _restored(run: Run, backup: Backup) -> dict[str, Any]:
    total = backup.lines
    with progress("核对备份 checking", total) as advance:
        backup.verify(lambda part, n: advance(n, total))
    run.restoring = True
    with progress("恢复 restoring", total) as advance:
        done = restore(run.loop, backup, lambda n: advance(n, total))
    rows = [{"kind": kind, "n": n} for kind, n in backup.manifest.counts.items()]
    table("已恢复 restored", rows, [("kind", "种类 kind"), ("n", "条数 records")])
    say(
        f"数据是 {_told(done.taken)} 的；接着运行 ./voc rebuild --check，应为 0 处不一致"
        " / now run ./voc rebuild --check: there should be no differences"
    )
    return {"records": total, "counts": backup.manifest.counts, "taken": done.taken}


def _erased(run: Run, receipts: list[Receipt]) -> dict[str, Any]:
    with progress("再次删除 erasing again") as advance:
        again = erase_again(run.loop, receipts, _taken(run), lambda n: advance(n))
    say(f"再次删除了 {again.erased} 人，收下 {again.receipts} 份回执 / {again.erased} people erased again")
    return again._asdict()


def _taken(run: Run) -> datetime:
    """Since when who was erased is back: as told, or when the backup of the last restore was made."""
    if run.args.taken:
        return parse_time(run.args.taken, where="--taken")
    if known := run.loop.store.get(Restored, ["restored"]).get("restored"):
        return known.taken
    raise Invalid(
        "erased.taken",
        "这里不是用 ./voc restore 恢复的；请用 --taken 写明数据是什么时间的，如 2026-11-22T08:00:00+08:00",
        "this store was not restored by ./voc restore: say with --taken of what time its data is, such as"
        " 2026-11-22T08:00:00+08:00",
        "--taken",
    )


def _told(moment: datetime) -> str:
    return f"{local(moment):%Y-%m-%d %H:%M:%S}"
