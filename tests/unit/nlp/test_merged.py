"""A merged cause is still recognised, and said under the name of the cause it was merged into."""

from __future__ import annotations

from chalicelib.model.analysis import Analysis, Tag
from chalicelib.model.taxonomy import Taxonomy
from chalicelib.nlp.merged import merged
from chalicelib.nlp.tagger_file import words_of
from chalicelib.nlp.taggers import Taggers
from tests.small_model import RUDE, SLOW, SMALL, small_model


def retired(**successors: object) -> Taxonomy:
    slow, rude = SMALL.causes
    causes = (slow.model_copy(update={"active": False, **successors}), rude)
    return Taxonomy(number=3, departments=SMALL.departments, causes=causes)


class Both:
    """Says the same of every text."""

    version = "both"
    said = Analysis("both", (Tag("a", 0.4, ((0, 2),)), Tag("b", 0.9, ((3, 4),)), Tag("c", 0.5)), severity=2)

    def __call__(self, texts):
        """That."""
        return [self.said for _ in texts]

    suggest = __call__


def taxonomy(**into: str) -> Taxonomy:
    causes = [{"code": c, "label_zh": c, "department": "service", "active": c not in into, "merged_into": into.get(c, "")} for c in "abc"]  # fmt: skip
    return Taxonomy.model_validate({"departments": SMALL.departments, "causes": causes})


def test_two_tags_that_become_one_keep_the_surer_certainty_and_all_evidence():
    both = merged(Both(), taxonomy(b="a"))
    (said,) = both(["x"])
    assert said.causes == (Tag("a", 0.9, ((0, 2), (3, 4))), Tag("c", 0.5))
    assert (said.severity, both.version) == (2, "both")
    assert both.suggest(["x"]) == [said]


def test_without_a_merge_the_tagger_is_itself():
    inner = Both()
    assert merged(inner, taxonomy()) is inner
    assert [a.causes for a in merged(inner, taxonomy(c="a"))(["x"])] == [(Tag("a", 0.5, ((0, 2),)), Tag("b", 0.9, ((3, 4),)))]  # fmt: skip


def test_the_shipped_words_of_a_merged_cause_count_for_the_other():
    taggers = Taggers(None, lambda: small_model(words_of(SMALL), []))
    texts = ["办事磨磨蹭蹭", "说话凶巴巴"]
    assert [[t.code for t in a.causes] for a in taggers(SMALL)(texts)] == [[SLOW], [RUDE]]
    assert [[t.code for t in a.causes] for a in taggers(retired(merged_into=RUDE))(texts)] == [[RUDE], [RUDE]]
    assert [[t.code for t in a.causes] for a in taggers(retired())(texts)] == [[], [RUDE]]
