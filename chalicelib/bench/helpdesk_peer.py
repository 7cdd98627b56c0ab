"""The other side of the bench: the same texts become tickets of django-helpdesk.

Run as a script by the Python of its own environment (standard library and Django only); writes one JSON line.
It is given the best we know: SQLite set up as ours is, one transaction per 500 tickets, no e-mail to write.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

AT_ONCE = 500
TITLE = 100
"""Characters of the text that become the title."""
PRAGMAS = "pragma journal_mode = wal; pragma synchronous = normal; pragma cache_size = -16384"
"""As in chalicelib/adapters/sqlite.py."""
APPS = ("auth", "contenttypes", "sessions", "sites", "messages", "admin", "humanize")
Row = dict[str, Any]

urlpatterns: list[Any] = []  # this module is the site's ROOT_URLCONF; `configure` fills it


def configure(folder: Path) -> None:
    """A Django site with the apps that django-helpdesk asks for, and a migrated SQLite file in `folder`."""
    import django  # type: ignore[import-not-found]  # lives in the other environment
    from django.conf import settings  # type: ignore[import-not-found]
    from django.core.management import call_command  # type: ignore[import-not-found]
    from django.urls import include, path  # type: ignore[import-not-found]

    database = {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(folder / "helpdesk.db"),
        "OPTIONS": {"init_command": PRAGMAS, "transaction_mode": "IMMEDIATE"},
    }
    settings.configure(
        SECRET_KEY="only for this run",
        DEBUG=False,
        INSTALLED_APPS=[*(f"django.contrib.{app}" for app in APPS), "rest_framework", "helpdesk"],
        DATABASES={"default": database},
        EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend",
        ROOT_URLCONF=__name__,
        MEDIA_ROOT=str(folder),
        HELPDESK_TEAMS_MODE_ENABLED=False,  # teams are a package of their own
        SITE_ID=1,
        USE_TZ=True,
        TIME_ZONE="Asia/Shanghai",
        LANGUAGE_CODE="zh-hans",
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        SILENCED_SYSTEM_CHECKS=["admin.E403", "admin.E408", "admin.E409", "admin.E410"],  # no pages are shown
    )
    django.setup()
    urlpatterns.append(path("", include("helpdesk.urls")))
    call_command("migrate", verbosity=0)


def desk() -> tuple[Any, Any]:
    """One queue and the member of staff who logs the tickets."""
    from django.contrib.auth import get_user_model  # type: ignore[import-not-found]
    from helpdesk.models import Queue  # type: ignore[import-not-found]

    user = get_user_model().objects.create_user("agent", is_staff=True, is_superuser=True)
    return Queue.objects.create(title="contacts", slug="contacts"), user


def by_form(queue: Any, user: Any) -> Callable[[Row], None]:
    """A ticket as the staff page and the REST serializer both create it: checked, with its follow-up and signals."""
    from helpdesk.forms import TicketForm  # type: ignore[import-not-found]

    def create(row: Row) -> None:
        data = {"queue": queue.id, "title": row["text"][:TITLE], "body": row["text"], "priority": "3"}
        form = TicketForm(data=data, files={}, queue_choices=[(queue.id, queue.title)])
        if not form.is_valid():
            raise SystemExit(f"TicketForm refuses: {sorted(form.errors)}")
        form.save(user=user)

    return create


def by_models(queue: Any, user: Any) -> Callable[[Row], None]:
    """The same two rows and signal as an importer would write them: no form, no checks, no e-mail context."""
    from helpdesk.models import FollowUp, Ticket
    from helpdesk.signals import new_ticket_done  # type: ignore[import-not-found]

    def create(row: Row) -> None:
        ticket = Ticket(title=row["text"][:TITLE], description=row["text"], queue=queue)
        ticket.save()
        FollowUp(ticket=ticket, title="Ticket Opened", comment=row["text"], public=True, user=user).save()
        new_ticket_done.send(sender="bench", ticket=ticket)

    return create


def timed(rows: Sequence[Row], create: Callable[[Row], None]) -> tuple[float, float]:
    """Wall and CPU seconds for all rows."""
    from django.db import transaction  # type: ignore[import-not-found]

    wall, cpu = time.perf_counter(), time.process_time()
    for start in range(0, len(rows), AT_ONCE):
        with transaction.atomic():
            for row in rows[start : start + AT_ONCE]:
                create(row)
    return time.perf_counter() - wall, time.process_time() - cpu


def read(file: Path, count: int) -> Iterator[Row]:
    """The first `count` contacts of the file."""
    with file.open(encoding="utf-8") as lines:
        for _, line in zip(range(count), lines, strict=False):
            yield json.loads(line)


def measure(file: Path, folder: Path, count: int) -> dict[str, Any]:
    """Seconds for `count` tickets, by the form and by the models alone."""
    began = time.perf_counter()
    configure(folder)
    queue, user = desk()
    from helpdesk.models import FollowUp, Ticket

    rows, started = list(read(file, count)), time.perf_counter() - began
    wall, cpu = timed(rows, by_form(queue, user))
    lean_wall, lean_cpu = timed(rows, by_models(queue, user))
    if not Ticket.objects.count() == FollowUp.objects.count() == 2 * count:
        raise SystemExit("not every text became a ticket with its follow-up")
    return {
        "tickets": count,
        "start_seconds": started,
        "seconds": wall,
        "cpu_seconds": cpu,
        "lean_seconds": lean_wall,
        "lean_cpu_seconds": lean_cpu,
        "versions": {name: version(name) for name in ("django-helpdesk", "Django")},
    }


if __name__ == "__main__":
    file, folder, count, core = sys.argv[1:]
    if core:
        os.sched_setaffinity(0, {int(core)})
    sys.stdout.write(json.dumps(measure(Path(file), Path(folder), int(count))) + "\n")
