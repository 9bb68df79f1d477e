"""Draws who gets which question: a different one each if possible, and none twice.

The rules, in the order in which they count:

1. Students get questions that they have not seen in this meeting. Those who have seen all of
   them (they are *exhausted*) may get any.
2. As few students as possible share a question: first the largest number of students with the
   same question is minimised, then the number of different questions in use is maximised.
3. Exhausted students get what they saw longest ago: the highest recency rank among all repeated
   questions is minimised, and nobody gets a question if one that they saw earlier would keep the
   loads as even.
4. Students get what the round's `Preferences` say, if it has any.
5. The rest is random.

Some questions may be *barred* for a student, because their client can't show them. They never get
those; a student for whom every candidate is barred gets no question at all.
"""

from __future__ import annotations

import random
from bisect import bisect_left
from collections.abc import Callable, Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from livequiz.domain.cheapest_matching import cheapest
from livequiz.domain.eligibility import (
    Barred,
    Eligibility,
    eligibility,
    not_to_deal,
    recency_ranks,
)
from livequiz.domain.errors import Code, QuizError
from livequiz.domain.matching import FORBIDDEN, NO_QUESTION, Mixer, loads, spread
from livequiz.domain.preferences import DEAREST, Preferences

EXCHANGES = 100  # tried for each student who has already seen the question dealt to them
MIXED_FOR_EACH = 30  # random exchanges proposed afterwards for each of those students

NOTHING_BARRED: Barred = {}
NOTHING_TO_SHOW = "No matching question can be shown by the students' programs."


@dataclass(frozen=True, slots=True)
class Draw:
    """Which student gets which question.

    Attributes:
        assigned: Question id by student id, in the order in which the students were given.
        distinct: No two students share a question.
        largest_share: The most students that hold one question.
        missing: How many more questions, new to everyone, would make a distinct draw; 0 if it
            is distinct. Each exhausted student counts as one, because they would need one of
            the new ones.
        repeats: How many students have seen every candidate and get one again.
        left_out: The students who get no question, because all candidates are barred for them.
        limited: Whether some candidates are barred for some of the other students.
    """

    assigned: Mapping[str, str]
    distinct: bool
    largest_share: int
    missing: int
    repeats: int = 0
    left_out: tuple[str, ...] = ()
    limited: bool = False


def draw(
    students: Sequence[str],
    candidates: Sequence[str],
    seen: Mapping[str, Sequence[str]],
    rng: random.Random,
    *,
    barred: Barred = NOTHING_BARRED,
    allow_repeats: bool = False,
    preferences: Preferences | None = None,
) -> Draw:
    """Draw a question for every student of a round.

    While nobody has seen anything, every possible draw is equally likely. Otherwise students and
    questions are shuffled, a best draw is found (by exchanging questions that were dealt to
    students who have seen them, or by maximum matching if that fails) and then changed at random
    without making it worse, which comes close to a uniform distribution.

    Args:
        students: Student ids; a repeated one counts once.
        candidates: Ids of the questions that match: all of them, or at least
            `candidates_needed` of them.
        seen: By student id, the questions that they have seen in this meeting, oldest first.
        rng: The only source of chance: the same state and arguments give the same draw.
        barred: By student id, the candidates that they may not get. If there are any, `candidates`
            has to be all that match and not a sample.
        allow_repeats: Whether students may get a question that they have seen.
        preferences: What they should rather get; None if all is alike.

        Raises:
            QuizError: `no_students` or `no_questions` if there are none.
    """
    if not students:
        raise QuizError(Code.NO_STUDENTS, "No students are connected: a round needs at least one.")
    _require_questions(candidates)
    left_out = barred_from_all(students, candidates, barred)
    hopeless = set(left_out)
    students = [student for student in students if student not in hopeless]
    if not students:
        raise QuizError(Code.NO_QUESTIONS, NOTHING_TO_SHOW)
    people, deck = _shuffled(students, rng), _shuffled(candidates, rng)
    before = [() if allow_repeats else seen.get(person, ()) for person in people]
    memory = None
    given: list[int] | None
    if preferences is not None:
        before = [
            without(had, preferences.due.get(one, ()))
            for one, had in zip(people, before, strict=True)
        ]
        memory = eligibility(people, before, deck, barred)
        given = _assign_preferred(memory, people, deck, preferences, rng)
    elif (given := _dealt(deck, not_to_deal(people, before, barred), rng)) is None:
        memory = eligibility(people, before, deck, barred)
        given = _assign(memory, rng)
    assigned = {person: deck[question] for person, question in zip(people, given, strict=True)}
    share = loads(given)[-1]
    return Draw(
        assigned={student: assigned[student] for student in students},
        distinct=share == 1,
        largest_share=share,
        missing=_missing(memory) if memory is not None and share > 1 else 0,
        repeats=len(memory.exhausted) if memory is not None else 0,
        left_out=left_out,
        limited=any(barred.get(person) for person in people) if barred else False,
    )


def draw_one(
    candidates: Sequence[str],
    seen: Sequence[str],
    in_use: Mapping[str, int],
    rng: random.Random,
    *,
    allow_repeats: bool = False,
    cost: Callable[[str], tuple[float, ...]] | None = None,
) -> str:
    """Draw a question for a student who joins an open round; everyone else's stays.

    Args:
        candidates: Ids of the questions that match, or at least `candidates_needed` of them.
        seen: What the student has seen in this meeting, oldest first.
        in_use: How many students hold a question in this round, by question id.
        rng: The only source of chance.
        allow_repeats: Whether the student may get a question that they have seen.
        cost: How little the student should get a question; None if all are alike.

    Returns:
        The id of one of the least used questions that the student has not seen, of those one of the
        least cost; if they have seen all of them, the one seen longest ago among the least used.

    Raises:
        QuizError: `no_questions` if there are none.
    """
    _require_questions(candidates)
    order = list(dict.fromkeys(candidates))
    numbers = {question: number for number, question in enumerate(order)}
    recency = recency_ranks(() if allow_repeats else seen, numbers)
    use = [in_use.get(question, 0) for question in order]
    unseen = [number for number in range(len(order)) if number not in recency]
    if not unseen:
        return order[min(recency, key=use.__getitem__)]  # oldest first, so ties go to the oldest
    least = min(use[number] for number in unseen)
    fit = [order[number] for number in unseen if use[number] == least]
    if cost is not None:
        costs = [cost(question) for question in fit]
        fit = [question for question, each in zip(fit, costs, strict=True) if each == min(costs)]
    return rng.choice(fit)


def without(seen: Sequence[str], due: Container[str]) -> Sequence[str]:
    """Return what a student has seen, except for what is due again."""
    return [question for question in seen if question not in due] if due else seen


def barred_from_all(
    students: Iterable[str], candidates: Collection[str], barred: Barred
) -> tuple[str, ...]:
    """Return the students for whom every candidate is barred."""
    hopeless = {closed for closed in set(barred.values()) if closed.issuperset(candidates)}
    return tuple(student for student in students if barred.get(student) in hopeless)


def candidates_needed(students: int, most_seen: int) -> int:
    """Return how many questions guarantee a distinct draw, whichever they are.

    For the last student, `students` - 1 questions are taken and at most `most_seen` of the others
    are already seen, so one is left.

    Args:
        students: How many students there are.
        most_seen: The most questions that any of them has seen.
    """
    return students + most_seen


def sharing(
    students: Sequence[str],
    candidates: Sequence[str],
    seen: Mapping[str, Sequence[str]],
    *,
    barred: Barred = NOTHING_BARRED,
    allow_repeats: bool = False,
) -> int:
    """Return how many students would have to share a question, without drawing.

    This is the number of students minus the size of a maximum matching: 9 for 28 students and 19
    questions that nobody has seen. The arguments are those of `draw`; without questions it is every
    student. Students for whom every candidate is barred do not count.
    """
    left_out = set(barred_from_all(students, candidates, barred)) if candidates else ()
    people = [student for student in dict.fromkeys(students) if student not in left_out]
    deck = list(dict.fromkeys(candidates))
    before = [() if allow_repeats else seen.get(person, ()) for person in people]
    if _dealt(deck, not_to_deal(people, before, barred), random.Random(0)) is not None:
        return 0
    memory = eligibility(people, before, deck, barred)
    return _unmatched(memory.masks(memory.questions), memory.questions)


def warnings(drawn: Draw) -> tuple[str, ...]:
    """Return the warnings for the instructor about a draw, a sentence each.

    For students who were left out see `client_types.left_out`, which knows their names.
    """
    sentences = []
    if drawn.missing:
        kind = "single-choice question" if drawn.limited else "question"  # shown by every client
        questions = f"1 more {kind}" if drawn.missing == 1 else f"{drawn.missing} more {kind}s"
        sentences.append(
            f"Too few questions match: {questions} that nobody has seen would give each student a "
            f"different one. For now, up to {drawn.largest_share} students share a question."
        )
    if drawn.repeats:
        who = "1 student has" if drawn.repeats == 1 else f"{drawn.repeats} students have"
        gets = "gets" if drawn.repeats == 1 else "get"
        which = "every matching question" + " that their program can show" * drawn.limited
        sentences.append(f"{who} already seen {which} and {gets} one of them again.")
    return tuple(sentences)


def _require_questions(candidates: Sequence[str]) -> None:
    if not candidates:
        message = "No question matches: choose other filters, or add questions to the bank."
        raise QuizError(Code.NO_QUESTIONS, message)


def _shuffled(ids: Sequence[str], rng: random.Random) -> list[str]:
    unique = list(dict.fromkeys(ids))
    rng.shuffle(unique)
    return unique


def _dealt(
    deck: Sequence[str], before: Sequence[Container[str]], rng: random.Random
) -> list[int] | None:
    """Deal out a shuffled deck, then exchange questions that students have already seen.

    The result is distinct, so no draw is better, and needs no matching. For students who can keep
    what they were dealt, every possible draw is equally likely. The others exchange theirs at
    random; a Markov chain then removes the bias of that, with steps in proportion to their number
    (see `Mixer.mix`).

    Args:
        deck: The candidates.
        before: For each student, what they have seen or may not get.
        rng: The only source of chance.

    Returns:
        For each student the index of their question; None if the exchanges found nothing for one.
    """
    students, questions = len(before), len(deck)
    if students > questions:
        return None
    slots = list(range(questions))  # after the students' slots: the questions left over

    def suits(student: int, question: int) -> bool:
        return student >= students or deck[question] not in before[student]

    misfits = [student for student in range(students) if not suits(student, student)]
    for student in misfits:
        for _ in range(EXCHANGES):
            if suits(student, slots[student]):
                break
            mine, other = slots[student], int(rng.random() * questions)
            yours = slots[other]
            if suits(student, yours) and suits(other, mine):
                slots[student], slots[other] = yours, mine
        if not suits(student, slots[student]):
            return None

    def cost(student: int, question: int) -> int:
        return FORBIDDEN if deck[question] in before[student] else 0

    mixer = Mixer(slots[:students], questions, cost)
    mixer.mix(rng, MIXED_FOR_EACH * len(misfits))
    return mixer.given


def _assign(memory: Eligibility, rng: random.Random) -> list[int]:
    """Return the index of a question for each student; both are already shuffled."""
    if all(unseen.bit_count() == memory.questions for unseen in memory.unseen):
        return [number % memory.questions for number in range(len(memory.seen))]
    depth = _least_depth(memory)
    given = spread(memory.masks(depth), memory.questions)
    mixer = Mixer(given, memory.questions, partial(memory.cost, depth))
    mixer.mix(rng)
    mixer.settle({student: list(memory.seen[student]) for student in memory.exhausted})
    return mixer.given


def _assign_preferred(
    memory: Eligibility,
    people: Sequence[str],
    deck: Sequence[str],
    preferences: Preferences,
    rng: random.Random,
) -> list[int]:
    """Like `_assign`, but of all best draws it returns one of the least cost.

    Exhausted students have no preference: they get what they saw longest ago.
    """
    depth = _least_depth(memory)
    masks = memory.masks(depth)
    levels = preferences.levels(people, deck, masks)
    for student in memory.exhausted:
        levels[student] = [(0, masks[student])]

    def cost(student: int, question: int) -> int:
        rank = memory.cost(depth, student, question)
        if rank or not memory.unseen[student]:
            return rank
        # Above every recency rank, so that no exchange trades one for the other.
        return memory.questions * preferences.cost(people[student], deck[question])

    mixer = Mixer(cheapest(levels, memory.questions, DEAREST), memory.questions, cost)
    mixer.mix(rng)
    mixer.settle({student: list(memory.seen[student]) for student in memory.exhausted})
    return mixer.given


def _least_depth(memory: Eligibility) -> int:
    """Return how many of their oldest questions exhausted students need for the most even loads."""
    if not memory.exhausted:
        return memory.questions
    best = loads(spread(memory.masks(memory.questions), memory.questions))

    def suffices(depth: int) -> bool:
        return loads(spread(memory.masks(depth), memory.questions, best[-1])) == best

    return 1 + bisect_left(range(1, memory.questions), True, key=suffices)


def _unmatched(masks: Sequence[int], questions: int) -> int:
    return spread(masks, questions, most=1).count(NO_QUESTION)


def _missing(memory: Eligibility) -> int:
    """Return how many questions, new to everyone, would make the draw distinct."""
    others = [mask for mask in memory.unseen if mask]
    return len(memory.exhausted) + _unmatched(others, memory.questions)
