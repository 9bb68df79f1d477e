"""An item's type, from its metadata in each program's own terms."""

from __future__ import annotations

import re
from collections.abc import Iterable

from livequiz.bank.qti.body import OTHERS
from livequiz.bank.qti.malformed import Wrong
from livequiz.bank.reading import Kind
from livequiz.bank.xml_tree import Element

SINGLE = frozenset({"multiple_choice", "true_false", "either_or"})
SEVERAL = frozenset({"multiple_answers", "multiple_answer", "multiple_response", "multi_select"})
NUMBER = frozenset({"numerical", "numeric"})
BLANKS = "fill_in_multiple_blanks"  # Canvas: its options are the accepted texts
DROPDOWNS = "multiple_dropdowns"
# Unsupported types, as the equivalent QTI 2 interaction or a key of `_REFUSED`.
_SAME_AS = {
    "essay": "extendedTextInteraction",
    "long_answer": "extendedTextInteraction",
    "short_response": "extendedTextInteraction",
    "file_upload": "uploadInteraction",
    "matching": "matchInteraction",
    "categorization": "matchInteraction",
    "ordering": "orderInteraction",
    "hot_spot": "hotspotInteraction",
    BLANKS: "several",
    "fill_in_the_blank_plus": "several",
    DROPDOWNS: "inlineChoiceInteraction",
    "jumbled_sentence": "inlineChoiceInteraction",
}
_REFUSED = {
    "arithmetic": "Its values are drawn anew for each student: write it out with values.",
    "calculated": "Its values are drawn anew for each student: write it out with values.",
    "text_only": "Nothing is asked: put its text into the questions that need it.",
    "opinion_scale": "No answer to an opinion scale is right: ask it as a poll elsewhere.",
    "quiz_bowl": "LiveQuiz takes no answers in the form of a question: ask for a word.",
    "several": "Several answers are asked for in one question: make a question of each.",
}
_EITHER_OR = re.compile(r"(yes|agree|right|true)_(no|disagree|wrong|false)\.(true|false)")
_DRESS = re.compile(r"^cc\.|\.v\d+p\d+$|_question$")


def metadata(item: Element) -> dict[str, str]:
    """Return an item's metadata, by lower-case name."""
    said: dict[str, str] = {}
    for holder in item.all("itemmetadata"):
        for element in holder.walk():
            if element.name in {"qtimetadatafield", "qti_metadatafield"}:
                label, entry = element.first("fieldlabel"), element.first("fieldentry")
                if label and entry:
                    said.setdefault(label.text.strip().lower(), entry.text.strip())
            elif element.name.startswith(("bbmd_", "qmd_")):
                said.setdefault(element.name, element.text.strip())
    return said


def kind_of(said: dict[str, str]) -> str:
    """Return an item's type in Canvas's terms (`multiple_choice`); empty if not stated."""
    for name in ("question_type", "bbmd_questiontype", "cc_profile", "qmd_questiontype"):
        if said.get(name):
            words = re.sub(r"[\s/-]+", "_", said[name].lower())
            return _DRESS.sub("", _DRESS.sub("", words))
    return ""


def has_equal(kind: str) -> bool:
    """Return whether items of a type can be imported."""
    return kind not in _SAME_AS and kind not in _REFUSED


def unsupported(kind: str, element: Element) -> Wrong:
    """Return the error for an item type that can't be imported."""
    same = _SAME_AS.get(kind, kind)
    if same in OTHERS:
        what, instead = OTHERS[same]
        return Wrong(f"{what} has no equivalent in LiveQuiz: {instead}.", element, Kind.UNSUPPORTED)
    return Wrong(_REFUSED[same], element, Kind.UNSUPPORTED)


def shown(text: str) -> str:
    """Return an option's text, with Blackboard's codes such as `yes_no.true` spelled out."""
    pair = _EITHER_OR.fullmatch(text)
    return pair[1 if pair[3] == "true" else 2].capitalize() if pair else text


def check_blank(labels: Iterable[Element]) -> None:
    """Check that a Canvas blank compares answers literally.

    Raises:
        Wrong: If it compares them in another way.
    """
    for label in labels:
        how = label.attributes.get("scoring_algorithm", "TextEquivalence")
        if how not in {"TextEquivalence", "TextInChoices"}:
            message = f"LiveQuiz can't compare answers in this way ({how[:40]}): "
            raise Wrong(f"{message}write out the accepted texts.", label)
