"""Helpers shared by several formats of other programs."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import cast

from livequiz.bank.reading import Item, Kind, Place, Problem, beginning, item, tidy
from livequiz.domain.model import Difficulty, Draft, Number, QuestionType, Scoring

LEVELS = frozenset(level.value for level in Difficulty)
FULL = 99.9  # percent; less than 100 so that three right answers of 33.33 each count as full
_EXPLAINING = 8  # minimum words for feedback on wrong answers to count as an explanation
FEEDBACK = "the feedback to each answer: the explanation is the same for all"
# Parts of a category path that aren't topics.
_ROOTS = ("$course$", "$module$", "$cat1$", "$system$", "top")
_DEFAULT = "default for "


@dataclass(slots=True)
class Choice:
    """An option or accepted answer, as many programs store it.

    Attributes:
        text: The option or the accepted answer.
        weight: Percentage of the points, from -100 to 100.
        feedback: Shown to students who chose it.
    """

    text: str
    weight: float
    feedback: str = ""


@dataclass(slots=True)
class ForeignQuestion:
    """A question from another program, not validated yet.

    Attributes:
        place: Where it begins in the file.
        fields: The fields of `QuestionIn`.
        lost: What couldn't be imported, each as the end of a sentence.
        notes: Sentences on what was converted into something else.
    """

    place: Place
    fields: dict[str, object] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def items(self) -> Iterator[Item]:
        """Yield the question, or the problem with it, then what was lost or converted."""
        text = beginning(self.fields.get("question"))
        made = item(self.fields, self.place)
        yield made
        if not isinstance(made, Problem):
            for what in dict.fromkeys(self.lost):
                yield Problem(Kind.LOST, self.place, f"Imported without {what}.", text)
            for note in dict.fromkeys(self.notes):
                yield Problem(Kind.LOST, self.place, note, text)

    def explain(self, general: str, choices: Iterable[Choice] = ()) -> None:
        """Set the explanation: the general feedback, else the feedback on the right answers."""
        said = [choice for choice in choices if choice.feedback]
        best = max((choice.weight for choice in said), default=0.0)
        least = FULL if best >= FULL else 0.1
        right = list(dict.fromkeys(c.feedback for c in said if c.weight >= least))
        explanation = tidy(general) or tidy("\n".join(right))
        if explanation:
            self.fields["explanation"] = explanation
        if any(choice.feedback not in right or tidy(general) for choice in said):
            self.lost.append(FEEDBACK)

    def explain_by_correction(self, text: str) -> bool:
        """Use feedback on wrong answers as the explanation; return whether it is the explanation.

        It is used if there is no other and it is long enough to say more than "wrong".
        """
        if "explanation" in self.fields or len(text.split()) < _EXPLAINING:
            return self.fields.get("explanation") == tidy(text)
        self.fields["explanation"] = tidy(text)
        return True


def topics_of(path: Sequence[str], tags: Iterable[str] = ()) -> dict[str, object]:
    """Return `topics` and `difficulty` from a category path, outermost part first, and tags."""
    named = [tidy(part) for part in path]
    topics = [
        part
        for place, part in enumerate(named)
        if part
        and not (place < 2 and part.lower() in _ROOTS)
        and not part.lower().startswith(_DEFAULT)
    ]
    fields: dict[str, object] = {}
    for tag in map(tidy, tags):
        if tag.lower() in LEVELS:
            fields.setdefault("difficulty", tag.lower())
        elif tag:
            topics.append(tag)
    return {"topics": list(dict.fromkeys(topics)), **fields}


def rounded_points(points: float, found: ForeignQuestion) -> float:
    """Round points to 0.01, their precision here, and record the loss if they change."""
    rounded = round(points, 2)
    if rounded != points:
        found.lost.append(f"the third decimal of its points: {points:g} became {rounded:g}")
    return rounded


def split_path(path: str) -> list[str]:
    """Split a category path; `//` is a slash within a part."""
    return [part.replace("\0", "/").strip() for part in path.replace("//", "\0").split("/")]


def join_path(topics: Iterable[str]) -> str:
    """Return the category path for topics."""
    return "/".join(map(_part, topics))


def renamed(draft: Draft, *path: str) -> Iterator[Problem]:
    """Yield a problem if topics would be read back differently, as Moodle reserves some names.

    Args:
        draft: The question.
        path: The parts of the category path before its topics.
    """
    if draft.topics:
        read = topics_of(split_path(join_path((*path, *draft.topics))))["topics"]
        if read != list(draft.topics):
            what = "the names of its topics as they are: Moodle has another use for them"
            yield Problem(Kind.LOST, Place(), f"Written without {what}.", beginning(draft.text))


def _part(topic: str) -> str:
    """Return a topic as a path part; spaces keep a slash at its end apart from the separator."""
    doubled = topic.replace("/", "//")
    return f" {doubled} " if "/" in {topic[0], topic[-1]} else doubled


def no_text(place: int, lost: Sequence[str]) -> str:
    """Return the error message for an option without text.

    Args:
        place: The option's 0-based index.
        lost: What it shows instead of text, each as the end of a sentence.
    """
    letter = chr(ord("A") + place) if place < 26 else str(place + 1)
    if lost:
        return f"Option {letter} is {lost[0]}: write what it shows as text."
    return f"Option {letter} has no text: give it one."


def several(choices: Sequence[Choice]) -> dict[str, object]:
    """Return the fields of a multiple-answer question, with scoring derived from the weights."""
    right = [place for place, choice in enumerate(choices) if choice.weight > 0]
    fields: dict[str, object] = {
        "type": "multiple",
        "options": [choice.text for choice in choices],
        "correct": right,
    }
    share = 100 / max(1, len(right))
    # People round a third to 33.
    equal = all(math.isclose(choices[place].weight, share, abs_tol=0.5) for place in right)
    wrong = [choice.weight for choice in choices if choice.weight <= 0]
    if equal and all(math.isclose(weight, -share, abs_tol=0.5) for weight in wrong):
        fields["scoring"] = "partial"
    else:
        rounded = equal and not math.isclose(
            sum(choices[p].weight for p in right), 100, abs_tol=0.1
        )
        exact = dict.fromkeys(right, share) if rounded else {}
        fields["weights"] = [exact.get(at, each.weight) for at, each in enumerate(choices)]
    return fields


def one(choices: Sequence[Choice]) -> dict[str, object]:
    """Return the fields of a single-choice question; other options may earn partial credit."""
    best = max(range(len(choices)), key=lambda place: choices[place].weight, default=0)
    fields: dict[str, object] = {
        "type": "single",
        "options": [choice.text for choice in choices],
        "correct": best,
    }
    if any(choice.weight for place, choice in enumerate(choices) if place != best):
        fields["weights"] = [choice.weight for choice in choices]
    return fields


def scattered(question: str, right: str, wrong: Iterable[str]) -> dict[str, object]:
    """Return the options and key of a single-choice question, pseudo-randomly ordered.

    The order doesn't give away the key, and is the same in every import.
    """

    def order(option: str) -> bytes:
        return hashlib.sha256(f"{question}\n{option}".encode()).digest()

    options = sorted([right, *wrong], key=order)
    return {"options": options, "correct": options.index(right)}


def words(choices: Sequence[Choice], *, case_sensitive: bool = False) -> dict[str, object]:
    """Return the fields of a short-text question; `*` is a wildcard."""
    stars = any("*" in choice.text.replace("\\*", "") for choice in choices)
    texts = [c.text if stars else c.text.replace("\\*", "*") for c in choices if c.weight > 0]
    return {
        "type": "short_text",
        "correct": texts,
        **({"wildcards": True} if stars else {}),
        **({"case_sensitive": True} if case_sensitive else {}),
        **_weights([choice for choice in choices if choice.weight > 0]),
    }


def numbers(entries: Sequence[tuple[Number, float]]) -> dict[str, object]:
    """Return the fields of a numeric question from accepted numbers and their weights."""
    kept = [(number, weight) for number, weight in entries if weight > 0]
    return {
        "type": "numeric",
        "correct": [{"value": n.value, "tolerance": n.tolerance} for n, _ in kept],
        **_weights([Choice("", weight) for _, weight in kept]),
    }


def _weights(choices: Sequence[Choice]) -> dict[str, object]:
    weights = [choice.weight for choice in choices]
    return {"weights": weights} if any(weight != 100 for weight in weights) else {}


def weights_of(draft: Draft) -> list[float]:
    """Return the weight of each option or accepted answer, in percent."""
    if draft.weights:
        return list(draft.weights)
    key = draft.correct
    if isinstance(key, int):
        return [100.0 * (place == key) for place in range(len(draft.options))]
    if draft.type is not QuestionType.MULTIPLE:
        return [100.0] * len(key)
    share = 100 / len(key)
    wrong = -share if draft.scoring is Scoring.PARTIAL else -100.0
    return [share if place in key else wrong for place in range(len(draft.options))]


def accepted(draft: Draft) -> list[str]:
    """Return the accepted texts for programs in which `*` is a wildcard: other stars escaped."""
    texts = cast("tuple[str, ...]", draft.correct)
    return list(texts) if draft.wildcards else [text.replace("*", "\\*") for text in texts]


def not_written(draft: Draft, *names: str) -> Iterator[Problem]:
    """Yield a problem for each part of a question that a format can't store.

    Args:
        draft: The question.
        names: What the format lacks: `points`, `time_limit`, `source`, `difficulty`,
            `topics`, `explanation`, `case_sensitive`, `weights`, `scoring`, `options`.
    """
    sentences = {
        "points": (draft.points != 1, f"its {draft.points} points"),
        "time_limit": (draft.time_limit is not None, "its time limit"),
        "source": (bool(draft.source), "its source"),
        "difficulty": (draft.difficulty is not None, "its difficulty"),
        "topics": (bool(draft.topics), "its topics"),
        "explanation": (bool(draft.explanation), "its explanation"),
        "case_sensitive": (draft.case_sensitive, "its case sensitivity"),
        "weights": (bool(draft.weights), "the weights of its answers"),
        "scoring": (
            draft.type is QuestionType.MULTIPLE
            and draft.scoring is Scoring.ALL
            and not draft.weights,
            "all-or-nothing scoring: each right answer is worth a share",
        ),
        "options": (
            draft.type is QuestionType.TRUE_FALSE and draft.options != ("True", "False"),
            "its own words for true and false",
        ),
    }
    for name in names:
        lost, what = sentences[name]
        if lost:
            yield Problem(Kind.LOST, Place(), f"Written without {what}.", beginning(draft.text))
