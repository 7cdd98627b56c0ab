"""A file of contacts that another system dropped: taken like any file, then gone; what is refused is given back."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from chalicelib.intake.load import Report, Request, load
from chalicelib.loop.context import Loop
from chalicelib.model.contact import Channel
from chalicelib.model.errors import Invalid
from chalicelib.model.people import Caller
from chalicelib.ports import Drop


def take_dropped(loop: Loop, caller: Caller, drop: Drop, key: str) -> Report | None:
    """The report; None when there is nothing to do: delivered twice, or no file of contacts.

    `in/phone/day.csv`: the folder before the name is the channel of rows that name none. Rows that are refused
    come back as `refused/day-refused.csv`, to be mended and dropped again; a file that cannot be read comes back
    whole, with the reason beside it. Doing it again takes no contact twice.
    """
    path = PurePosixPath(key)
    with TemporaryDirectory() as folder:
        local = Path(folder) / path.name
        if key.endswith("/") or not drop.fetch(key, local):
            return None
        try:
            report = _load(loop, caller, local, path.parent.name)
        except Invalid as error:
            drop.refuse(path.name, local.read_bytes())
            drop.refuse(f"{path.name}.reason.txt", f"{error.zh}\n{error.en}\n{error.where}\n".encode())
            report = None
        if report and report.refused_file:
            drop.refuse(report.refused_file.name, report.refused_file.read_bytes())
    drop.remove(key)
    return report


def _load(loop: Loop, caller: Caller, path: Path, folder: str) -> Report:
    channel = folder if folder in set(Channel) else ""
    return load(loop, caller, Request(path, "contacts", channel=channel))
