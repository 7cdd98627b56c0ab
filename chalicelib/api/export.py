"""The route by which contacts leave as CSV."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from chalicelib.api.asked import MOST_WEEKS, in_order
from chalicelib.api.files import CSV, download
from chalicelib.api.routing import READERS, Ask, Step
from chalicelib.loop.export.columns import WEEK, columns
from chalicelib.loop.export.permission import Wish, log_export, permit
from chalicelib.loop.export.rows import last_week, page_rows
from chalicelib.loop.export.table import head, line
from chalicelib.model.entity import Given
from chalicelib.model.errors import Invalid
from chalicelib.model.weeks import parse_week, weeks_between

step = Step("measure")
NEXT = "X-Next-Cursor"


class Exported(Given):
    """Which contacts; without weeks the current one. A page is no snapshot: the command's export is."""

    first: str = Field("", description="First ISO week, 2026-W40")
    last: str = ""
    department: str = ""
    text: bool = Field(
        False, description="With masked texts; needs a purpose and a role of setting originals"
    )
    purpose: str = Field("", max_length=200)
    cursor: str = Field("", max_length=400, description=f"From the header {NEXT} of the page before")
    limit: int = Field(
        1_000, ge=1, le=2_000, description="A page also ends at 2.5 MB; it may be short, even empty"
    )

    def wish(self, ask: Ask) -> Wish:
        """What is asked for, its weeks checked."""
        last = parse_week(self.last, where="last") if self.last else last_week(ask.loop)
        first = parse_week(self.first, where="first") if self.first else last
        if len(weeks_between(in_order(first, last), last)) > MOST_WEEKS:
            raise Invalid("weeks.many", f"最多 {MOST_WEEKS} 周", f"at most {MOST_WEEKS} weeks", "first")
        return Wish(first, last, self.department, self.text, self.purpose)


@step.route("GET", "/export.csv", READERS, "Contacts as CSV, page by page; logged", query=Exported, media=CSV)
def export_contacts(ask: Ask) -> Any:
    q = ask.query(Exported)
    wish = q.wish(ask)
    only = permit(ask.loop, ask.caller, wish)
    page = page_rows(ask.loop, only, wish, q.cursor, q.limit)
    log_export(ask.loop, ask.caller, wish, len(page.rows))
    shown = (WEEK, *columns(wish.text))
    lines = [line({WEEK.name: week, **row}, shown) for week, row in page.rows]
    top = "" if q.cursor else head(shown)  # on the first page only: pages one after the other are one file
    answer = download(top + "".join(lines), CSV, "contacts.csv")
    if page.next:
        answer.headers[NEXT] = page.next
    return answer
