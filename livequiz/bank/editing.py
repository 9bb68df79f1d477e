"""Editing questions as YAML with ids, and working out what changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields

import msgspec

from livequiz.bank import native, strict_yaml
from livequiz.bank.reading import Entry, Kind, Place, Problem
from livequiz.domain.grading import is_regraded
from livequiz.domain.model import Draft, Question
from livequiz.protocol.questions import from_draft

HEADER = """\
# {count}. Save and close to store what you changed; close without saving to leave it all as it is.
# A question that you delete here is taken out of the bank; one without `id` is added to it.
"""
TEMPLATE = """\
# Write questions, save and close. Delete what you don't need. Comments like this are not kept.
# Fields: question, type (single, true_false, multiple, numeric, short_text), options, correct,
# scoring (all, partial), points, time_limit (seconds), topics, difficulty (easy, medium, hard),
# explanation, source. The question may have ```code blocks```, `code` and **bold** words.

- question: Which planet is the largest?
  options:
    - Mars
    - Jupiter
    - Venus
  correct: 1  # the first option is 0
  topics: [Astronomy]
  difficulty: easy
  explanation: Jupiter has more than twice the mass of all other planets together.

# - question: Sound travels faster in water than in air.
#   type: true_false
#   correct: true

# - question: Which of these are prime numbers?
#   type: multiple
#   options: ["2", "9", "11", "15"]
#   correct: [0, 2]
#   scoring: partial

# - question: What is the standard acceleration of gravity, in m/s², to two decimal places?
#   type: numeric
#   correct: {value: 9.81, tolerance: 0.01}

# - question: What is the chemical symbol of gold?
#   type: short_text
#   correct: [Au]
"""


@dataclass(frozen=True, slots=True)
class Changes:
    """What an author changed.

    Attributes:
        added: New questions.
        revised: Changed questions that are graded as before, by id.
        replaced: Questions that are graded differently now, by the old question's id.
        removed: Ids of deleted questions.
    """

    added: list[Draft] = field(default_factory=list)
    revised: dict[str, Draft] = field(default_factory=dict)
    replaced: dict[str, Draft] = field(default_factory=dict)
    removed: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return any((self.added, self.revised, self.replaced, self.removed))


def as_text(questions: Sequence[Question]) -> bytes:
    """Return questions as YAML for an editor."""
    count = "1 question" if len(questions) == 1 else f"{len(questions)} questions"
    rows = [{"id": q.id, **msgspec.to_builtins(from_draft(q))} for q in questions]
    return HEADER.format(count=count).encode() + strict_yaml.dump(rows)


def changes(content: bytes, before: Iterable[Question]) -> tuple[Changes, list[Problem]]:
    """Compare edited YAML with the questions before; return the changes and any problems.

    Raises:
        QuizError: `bad_request` if the YAML can't be read at all.
    """
    known = {question.id: question for question in before}
    found, problems = Changes(), []
    seen: set[str] = set()
    entries, places = native.yaml_entries(content)
    for entry, place in zip(entries, places, strict=True):
        question_id = entry.get("id") if isinstance(entry, dict) else None
        problem = _id_problem(question_id, known, seen, place)
        read = problem or native.read_entry(entry, place)
        if isinstance(read, Problem):
            problems.append(read)
        elif question_id is None:
            found.added.append(read.draft)
        else:
            _compare(known[question_id], read, found)
        if isinstance(question_id, str):
            seen.add(question_id)
    found.removed.extend(question_id for question_id in known if question_id not in seen)
    return found, problems


def _compare(old: Question, entry: Entry, found: Changes) -> None:
    if is_regraded(old, entry.draft):
        found.replaced[old.id] = entry.draft
    elif any(getattr(old, f.name) != getattr(entry.draft, f.name) for f in fields(Draft)):
        found.revised[old.id] = entry.draft


def _id_problem(
    question_id: object, known: dict[str, Question], seen: set[str], place: Place
) -> Problem | None:
    if question_id is None:
        return None
    if not isinstance(question_id, str) or question_id not in known:
        message = "No question here has this `id`: leave it out to add a new question."
    elif question_id in seen:
        message = "This `id` is here twice: leave it out of the copy."
    else:
        return None
    return Problem(Kind.WRONG, place, message, field="id")
