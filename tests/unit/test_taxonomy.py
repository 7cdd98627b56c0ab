"""The taxonomy: the default one, its rules, and reading it from files."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.loop.admin import new_taxonomy
from chalicelib.model.checked import checked
from chalicelib.model.errors import Conflict, Invalid
from chalicelib.model.people import Caller, Role
from chalicelib.model.taxonomy import MANY_CAUSES, OTHER, Taxonomy, default_taxonomy, read_taxonomy

ADMIN = Caller("boss", Role.ADMIN)
DEPARTMENTS = [{"code": "service", "name_zh": "客服部"}, {"code": "it", "name_zh": "技术部"}]


def cause(code: str, **more: object) -> dict[str, object]:
    return {"code": code, "label_zh": f"原因 {code}", "department": "it", **more}


def made(*causes: dict[str, object], **more: object) -> Taxonomy:
    return checked(Taxonomy, {"departments": DEPARTMENTS, "causes": causes, **more}, "taxonomy")


def test_the_default_is_what_the_product_says_it_is():
    taxonomy = default_taxonomy()
    assert (len(taxonomy.causes), len(taxonomy.departments)) == (39, 11)
    assert all(c.label_zh and c.label_en and c.definition_zh and c.group for c in taxonomy.causes)
    assert {c.window_days for c in taxonomy.causes} == {7}
    assert taxonomy.widest_window == timedelta(days=7)
    assert taxonomy.warnings == []
    assert taxonomy.department_of("delivery.late") == "logistics"


def test_nothing_is_without_an_owner_or_a_name():
    taxonomy = made(cause("a"))
    assert [taxonomy.department_of(c) for c in ("a", OTHER, "unheard")] == ["it", "service", "service"]
    assert [taxonomy.label(c) for c in ("a", OTHER, "unheard")] == ["原因 a", "其他问题", "unheard"]
    assert [taxonomy.window(c).days for c in ("a", OTHER, None)] == [7, 7, 7]


def test_the_widest_window_is_never_below_the_usual_one():
    assert made(cause("a", window_days=2)).widest_window.days == 7
    assert made(cause("a", window_days=2), cause("b", window_days=40)).widest_window.days == 40


@pytest.mark.parametrize(
    "causes",
    [
        [cause("a"), cause("a")],
        [cause("a", department="moon")],
        [cause(OTHER)],
        [cause("Capital")],
        [cause("two words")],
        [cause("a..b")],
        [cause("x" * 65)],
        [cause("a", label_zh="")],
        [cause("a", label_zh="长" * 61)],
        [cause("a", window_days=0)],
        [cause("a", window_days=91)],
        [cause("a", denominator="包裹")],
    ],
)
def test_a_wrong_taxonomy_is_refused(causes):
    with pytest.raises(Invalid) as refused:
        made(*causes)
    assert refused.value.where.startswith("taxonomy")


def test_customer_service_is_needed():
    with pytest.raises(Invalid):
        checked(Taxonomy, {"departments": DEPARTMENTS[1:], "causes": []}, "taxonomy")


@pytest.mark.parametrize(("n", "warned"), [(MANY_CAUSES, False), (MANY_CAUSES + 1, True)])
def test_more_than_fifty_active_causes_are_too_many(n, warned):
    taxonomy = made(*(cause(f"c{i}") for i in range(n)), cause("retired", active=False))
    assert bool(taxonomy.warnings) is warned


# Files

CAUSES = (
    "code,label_zh,department,window_days,active,lexicon\na.b,慢,it,14,,太慢|很慢\nc,贵,service,,false,\n"
)
NAMES = "code,name_zh,name_en\nservice,客服部,Service\nit,技术部,\n"


def test_a_phrase_with_brackets_is_not_torn():
    taxonomy = read_taxonomy(CAUSES.replace("太慢|很慢", "(太|很)慢|等").splitlines(), NAMES.splitlines())
    assert taxonomy.by_code["a.b"].words == ("(太|很)慢", "等")


def test_two_files_make_a_taxonomy():
    taxonomy = read_taxonomy(("\ufeff" + CAUSES).splitlines(), NAMES.splitlines(), 3)
    assert taxonomy.number == 3
    assert taxonomy.by_code["a.b"].words == ("太慢", "很慢")
    assert (taxonomy.by_code["a.b"].window_days, taxonomy.by_code["c"].window_days) == (14, 7)
    assert [c.code for c in taxonomy.active] == ["a.b"]


@pytest.mark.parametrize(
    ("causes", "names", "where"),
    [
        (CAUSES.replace("a.b,", "A B,"), NAMES, "causes.csv:2:code"),
        (CAUSES.replace("慢,it", ",it"), NAMES, "causes.csv:2:label_zh"),
        (CAUSES.replace("贵", "贵" * 61), NAMES, "causes.csv:3:label_zh"),
        (CAUSES.replace(",14,", ",soon,"), NAMES, "causes.csv:2:window_days"),
        (CAUSES, NAMES.replace("技术部", ""), "departments.csv:3:name_zh"),
    ],
)
def test_a_wrong_row_is_named_by_file_line_and_column(causes, names, where):
    with pytest.raises(Invalid) as refused:
        read_taxonomy(causes.splitlines(), names.splitlines())
    assert (refused.value.code, refused.value.where) == ("taxonomy.row", where)


@pytest.mark.parametrize(
    ("causes", "names"),
    [
        (CAUSES.replace(",it,", ",moon,"), NAMES),
        (CAUSES.replace("c,贵", "a.b,贵"), NAMES),
        (CAUSES.replace(",service,", ",it,"), NAMES.replace("service,", "desk,")),
        (CAUSES.replace("c,贵", "other,贵"), NAMES),
    ],
)
def test_rows_that_do_not_fit_each_other_are_refused(causes, names):
    with pytest.raises(Invalid):
        read_taxonomy(causes.splitlines(), names.splitlines())


# Versions


def test_a_change_makes_the_next_version_and_keeps_what_has_history(loop):
    before = loop.unit().taxonomy
    kept = [c for c in before.causes if not c.code.startswith("store.")]
    after = new_taxonomy(loop, ADMIN, before.departments, kept, before.number)
    assert (after.number, after.by) == (before.number + 1, "boss")
    assert len(after.causes) == len(before.causes)
    assert {c.code for c in after.causes if not c.active} == {c.code for c in before.causes if c not in kept}
    assert loop.unit().taxonomy.number == after.number


def test_a_department_that_owns_history_stays(loop):
    before = loop.unit().taxonomy
    kept = [c for c in before.causes if c.department == "it"]
    it = [d for d in before.departments if d.code == "it"]
    after = new_taxonomy(loop, ADMIN, it, kept, None)
    assert {d.code for d in after.departments} == {d.code for d in before.departments}


def test_the_same_again_is_no_new_version(loop):
    before = loop.unit().taxonomy
    after = new_taxonomy(loop, ADMIN, before.departments, before.causes, None)
    assert after.number == before.number


def test_whoever_changes_an_old_version_is_told(loop):
    before = loop.unit().taxonomy
    new_taxonomy(loop, ADMIN, before.departments, before.causes[1:], before.number)
    with pytest.raises(Conflict) as refused:
        new_taxonomy(loop, ADMIN, before.departments, before.causes, before.number)
    assert refused.value.code == "taxonomy.version"


def test_leaving_out_a_retired_cause_again_is_no_new_version(loop):
    before = loop.unit().taxonomy
    kept = before.causes[5:]
    first = new_taxonomy(loop, ADMIN, before.departments, kept, None)
    assert new_taxonomy(loop, ADMIN, before.departments, kept, None).number == first.number
    assert (
        new_taxonomy(loop, ADMIN, before.departments, [*before.causes[:0], *kept], None).number
        == first.number
    )


GONE = {"active": False}


@pytest.mark.parametrize(
    "causes",
    [
        [cause("a", **GONE, merged_into="nowhere")],
        [cause("a", merged_into="b"), cause("b")],
        [cause("a", split_into=["b", "c"]), cause("b"), cause("c")],
        [cause("a", **GONE, merged_into="a")],
        [cause("a", **GONE, merged_into="b"), cause("b", **GONE, merged_into="a")],
        [cause("a", **GONE, split_into=["b", "c"]), cause("b", **GONE, merged_into="a"), cause("c")],
    ],
)
def test_what_took_a_causes_place_exists_and_leads_on(causes):
    with pytest.raises(Invalid):
        made(*causes)


def test_what_took_a_causes_place_is_written_and_read_in_one_cell():
    lines = [
        "code,label_zh,department,active,merged_into,split_into",
        "a,甲,it,false,,b|c",
        "b,乙,it,true,,",
        "c,丙,it,true,,",
        "d,丁,it,false,b,",
    ]
    taxonomy = read_taxonomy(lines, ["code,name_zh", "service,客服", "it,技术"])
    assert [taxonomy.by_code[c].successors for c in "abd"] == [("b", "c"), (), ("b",)]
    assert (taxonomy.current("d"), taxonomy.current("a"), taxonomy.current("zz")) == ("b", "a", "zz")
    assert (taxonomy.takes("a"), taxonomy.takes("d"), taxonomy.takes("b")) == (
        {"a", "b", "c"},
        {"d", "b"},
        {"b"},
    )
    assert [c.code for c in taxonomy.readable] == ["b", "c", "d"]
