"""Draws are checked against every draw there is, found here by plain enumeration."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tracemalloc
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import product
from types import FrameType
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from livequiz.domain import draw as draw_module
from livequiz.domain import matching as matching_module
from livequiz.domain.draw import Draw, candidates_needed, draw, draw_one, sharing, warnings
from livequiz.domain.errors import Code, QuizError
from tests.patience import patient

Seen = Mapping[str, Sequence[str]]
Case = tuple[list[str], list[str], dict[str, list[str]]]


@st.composite
def cases(make: st.DrawFn) -> Case:
    """Up to 4 students and questions; histories with repeats and strangers; many exhausted."""
    students = [f"s{number}" for number in range(make(st.integers(1, 4)))]
    questions = [f"q{number}" for number in range(make(st.integers(1, 4)))]
    histories = st.one_of(
        st.lists(st.sampled_from([*questions, "no candidate"]), max_size=7),
        st.permutations(questions),
    )
    return students, questions, {student: make(histories) for student in students}


SEEDS = st.integers(0, 2**32)
UNTIMED = settings(deadline=None)


def fresh(questions: Sequence[str], history: Sequence[str]) -> list[str]:
    return [question for question in questions if question not in history]


def is_exhausted(questions: Sequence[str], history: Sequence[str]) -> bool:
    return not fresh(questions, history)


def recency_rank(question: str, questions: Sequence[str], history: Sequence[str]) -> int:
    last_time = {name: time for time, name in enumerate(history)}
    return sorted(questions, key=last_time.__getitem__).index(question)


def every_draw(students: Sequence[str], questions: Sequence[str], seen: Seen) -> list[list[str]]:
    """Return all draws in which nobody sees a question twice without need."""
    return list(product(*(fresh(questions, seen[s]) or questions for s in students)))  # type: ignore[arg-type]


def unevenness(chosen: Sequence[str]) -> tuple[int, int, int]:
    shares = Counter(chosen).values()
    return max(shares), -len(shares), sum(share * share for share in shares)


def best_spread(students: Sequence[str], questions: Sequence[str], seen: Seen) -> list[list[str]]:
    options = every_draw(students, questions, seen)
    best = min(map(unevenness, options))
    return [chosen for chosen in options if unevenness(chosen) == best]


def deepest(
    students: Sequence[str], chosen: Sequence[str], questions: Sequence[str], seen: Seen
) -> int:
    """Return the largest recency rank that an exhausted student got, or -1."""
    return max(
        (
            recency_rank(question, questions, seen[student])
            for student, question in zip(students, chosen, strict=True)
            if is_exhausted(questions, seen[student])
        ),
        default=-1,
    )


def drawn(case: Case, seed: int = 1) -> Draw:
    return draw(*case, random.Random(seed))


@UNTIMED
@given(cases(), SEEDS)
def test_every_student_gets_one_candidate_in_the_order_given(case: Case, seed: int) -> None:
    students, questions, _ = case
    assigned = drawn(case, seed).assigned
    assert list(assigned) == students
    assert set(assigned.values()) <= set(questions)


@UNTIMED
@given(cases(), SEEDS)
def test_no_two_students_share_when_a_distinct_draw_exists(case: Case, seed: int) -> None:
    exists = any(len(set(chosen)) == len(case[0]) for chosen in every_draw(*case))
    result = drawn(case, seed)
    assert result.distinct == exists
    assert (len(set(result.assigned.values())) == len(case[0])) == exists


@UNTIMED
@given(cases(), SEEDS)
def test_the_largest_share_is_the_least_possible(case: Case, seed: int) -> None:
    result = drawn(case, seed)
    least = min(max(Counter(chosen).values()) for chosen in every_draw(*case))
    assert result.largest_share == max(Counter(result.assigned.values()).values()) == least


@UNTIMED
@given(cases(), SEEDS)
def test_as_many_different_questions_as_possible_are_in_use(case: Case, seed: int) -> None:
    most = max(len(set(chosen)) for chosen in every_draw(*case))
    assert len(set(drawn(case, seed).assigned.values())) == most


@UNTIMED
@given(cases(), SEEDS)
def test_no_draw_is_spread_more_evenly(case: Case, seed: int) -> None:
    best = min(map(unevenness, every_draw(*case)))
    assert unevenness(list(drawn(case, seed).assigned.values())) == best


@UNTIMED
@given(cases(), SEEDS)
def test_nobody_sees_a_question_twice_while_an_unseen_one_matches(case: Case, seed: int) -> None:
    _, questions, seen = case
    for student, question in drawn(case, seed).assigned.items():
        assert question not in seen[student] or is_exhausted(questions, seen[student])


@UNTIMED
@given(cases(), SEEDS)
def test_the_exhausted_get_the_questions_seen_longest_ago(case: Case, seed: int) -> None:
    students, questions, seen = case
    least = min(deepest(students, chosen, questions, seen) for chosen in best_spread(*case))
    chosen = list(drawn(case, seed).assigned.values())
    assert deepest(students, chosen, questions, seen) == least


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize(
    "histories",
    [
        pytest.param(["2310", "3102", "2301"], id="the first draw found is not the oldest"),
        pytest.param(["0312", "0312", "2103", "3102"], id="an exchange could cost one of two more"),
    ],
)
def test_no_exhausted_student_gets_a_newer_question_so_that_others_get_older_ones(
    histories: list[str], seed: int
) -> None:
    case: Case = (
        [f"s{number}" for number in range(len(histories))],
        list("0123"),
        {f"s{number}": list(history) for number, history in enumerate(histories)},
    )
    assert deepest(case[0], list(drawn(case, seed).assigned.values()), *case[1:]) == 1


@UNTIMED
@given(cases(), SEEDS)
def test_no_exhausted_student_leaves_an_older_question_unused(case: Case, seed: int) -> None:
    _, questions, seen = case
    assigned = drawn(case, seed).assigned
    uses = Counter(assigned.values())
    for student, question in assigned.items():
        if is_exhausted(questions, seen[student]):
            rank = recency_rank(question, questions, seen[student])
            for other in questions:
                older = recency_rank(other, questions, seen[student]) < rank
                assert not (older and uses[other] == uses[question] - 1)


def crowd(students: int, questions: int, seen_by_each: int) -> Case:
    """A class of any size; what each has seen is picked at random from a fixed seed."""
    people = [f"s{number}" for number in range(students)]
    bank = [f"q{number}" for number in range(questions)]
    past = random.Random(1)
    return people, bank, {person: past.sample(bank, seen_by_each) for person in people}


@pytest.mark.parametrize("seed", range(3))
def test_no_exhausted_student_of_a_large_class_leaves_an_older_question_unused(seed: int) -> None:
    students, questions, seen = crowd(60, 90, 90)
    assigned = drawn((students, questions, seen), seed).assigned
    unused = set(questions) - set(assigned.values())
    assert assigned.keys() == set(students)
    for student, question in assigned.items():
        assert not unused & set(seen[student][: seen[student].index(question)])


def test_a_class_that_has_all_seen_the_same_gets_the_new_part_of_a_large_bank() -> None:
    students = [f"s{number}" for number in range(200)]
    old, new = [f"old{number}" for number in range(400)], [f"new{number}" for number in range(200)]
    result = drawn((students, old + new, dict.fromkeys(students, old)))
    assert sorted(result.assigned.values()) == sorted(new)


@UNTIMED
@given(cases(), SEEDS)
def test_exactly_the_missing_questions_make_the_draw_distinct(case: Case, seed: int) -> None:
    students, questions, seen = case
    missing = drawn(case, seed).missing
    new = [f"new{number}" for number in range(missing)]
    assert drawn((students, questions + new, seen)).distinct
    assert not missing or not drawn((students, questions + new[1:], seen)).distinct


@UNTIMED
@given(cases())
def test_the_preview_counts_students_without_a_question_of_their_own(case: Case) -> None:
    most = max(len(set(chosen)) for chosen in every_draw(*case))
    assert sharing(*case) == len(case[0]) - most


@UNTIMED
@given(cases(), SEEDS)
def test_repeats_count_the_students_who_have_seen_everything(case: Case, seed: int) -> None:
    students, questions, seen = case
    assert drawn(case, seed).repeats == sum(is_exhausted(questions, seen[s]) for s in students)


@UNTIMED
@given(cases(), SEEDS)
def test_a_bank_of_the_size_needed_gives_a_distinct_draw_without_repeats(
    case: Case, seed: int
) -> None:
    students, questions, seen = case
    most_seen = max(len(set(seen[s]) & set(questions)) for s in students)
    enough = candidates_needed(len(students), most_seen)
    assume(enough >= len(questions))
    bank = questions + [f"new{number}" for number in range(enough - len(questions))]
    result = drawn((students, bank, seen), seed)
    assert result.distinct
    assert all(question not in seen[s] for s, question in result.assigned.items())
    assert sharing(students, bank, seen) == 0


@UNTIMED
@given(cases(), SEEDS)
def test_with_repeats_allowed_what_was_seen_does_not_matter(case: Case, seed: int) -> None:
    students, questions, seen = case
    free = draw(students, questions, seen, random.Random(seed), allow_repeats=True)
    assert free == draw(students, questions, {}, random.Random(seed))
    assert free.missing == max(0, len(students) - len(questions))
    assert sharing(*case, allow_repeats=True) == free.missing


@UNTIMED
@given(cases(), SEEDS)
def test_the_same_seed_gives_the_same_draw_and_changes_no_argument(case: Case, seed: int) -> None:
    before = repr(case)
    assert drawn(case, seed) == drawn(case, seed)
    assert repr(case) == before


def test_ids_given_twice_count_once() -> None:
    result = draw(["ada", "ada", "bo"], ["q1", "q1", "q2"], {}, random.Random(1))
    assert list(result.assigned) == ["ada", "bo"]
    assert result.distinct


def test_the_last_time_a_question_was_seen_counts() -> None:
    seen = {"ada": ["q1", "q2", "q1"]}
    assert drawn((["ada"], ["q1", "q2"], seen)).assigned == {"ada": "q2"}


def test_new_questions_are_shared_evenly_where_there_are_too_few() -> None:
    case: Case = ([f"s{n}" for n in range(28)], [f"q{n}" for n in range(9)], {})
    assert sorted(Counter(drawn(case).assigned.values()).values()) == [3] * 8 + [4]


def test_different_seeds_give_different_draws() -> None:
    case: Case = ([f"s{n}" for n in range(20)], [f"q{n}" for n in range(20)], {})
    assert drawn(case, 1).assigned != drawn(case, 2).assigned


HASHED_PROGRAM = """
import random
from livequiz.domain.draw import draw, draw_one
students = [f"student {n}" for n in range(12)]
bank = [f"question {n}" for n in range(9)]
past = random.Random(3)
for most in (0, 4, 9):
    seen = {s: past.sample(bank, past.randint(0, most)) for s in students}
    print(draw(students, bank, seen, random.Random(7)))
    print(draw(students[:4], bank, seen, random.Random(7)))
    print(draw_one(bank, bank[:most], {"question 1": 1}, random.Random(7)))
"""


def run_hashed(hash_seed: str, code: str = HASHED_PROGRAM) -> str:
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    program = [sys.executable, "-c", code]
    return subprocess.run(
        program, env=environment, check=True, capture_output=True, text=True, timeout=patient(60)
    ).stdout


def test_a_seed_means_the_same_draw_in_every_process() -> None:
    first = run_hashed("0")
    assert first.count("Draw(") == 6
    assert {run_hashed(seed) for seed in ("1", "42")} == {first}


@pytest.mark.parametrize(
    ("students", "questions", "seen"),
    [
        pytest.param(3, 3, [[], [], []], id="nothing seen"),
        pytest.param(3, 4, [[], [], []], id="nothing seen, one question left over"),
        pytest.param(3, 2, [[], [], []], id="nothing seen, too few questions"),
        pytest.param(3, 4, [[0], [], [1]], id="a bank with room for all"),
        pytest.param(3, 3, [[0], [], []], id="a bank just large enough"),
        pytest.param(3, 4, [[0, 1], [0], []], id="some seen"),
        pytest.param(4, 4, [[0], [0, 1], [3], []], id="everyone needs a question"),
        pytest.param(4, 4, [[1, 3], [], [3], [1, 2]], id="a draw that is often found first"),
        pytest.param(
            3, 2, [[0], [], []], id="some seen, too few questions", marks=pytest.mark.heavy
        ),
        pytest.param(
            4, 3, [[], [2], [], [1, 2]], id="more seen, too few questions", marks=pytest.mark.heavy
        ),
        pytest.param(3, 3, [[0], [1], [2]], id="nobody can exchange with anybody else"),
    ],
)
def test_all_possible_draws_are_about_equally_likely(
    students: int, questions: int, seen: list[list[int]]
) -> None:
    people = [f"s{number}" for number in range(students)]
    bank = [f"q{number}" for number in range(questions)]
    history = {person: [bank[q] for q in past] for person, past in zip(people, seen, strict=True)}
    possible = {tuple(chosen) for chosen in best_spread(people, bank, history)}
    each = 400
    counts = Counter(
        tuple(drawn((people, bank, history), seed).assigned.values())
        for seed in range(each * len(possible))
    )
    assert set(counts) == possible
    assert 0.75 * each < min(counts.values())
    assert max(counts.values()) < 1.25 * each


def refusal(call: Callable[[], Any]) -> QuizError:
    with pytest.raises(QuizError) as caught:
        call()
    return caught.value


def test_a_round_without_students_is_refused() -> None:
    error = refusal(lambda: draw([], ["q1"], {}, random.Random(1)))
    assert error.code is Code.NO_STUDENTS
    assert error.message.endswith(".")


def test_a_round_without_questions_is_refused_and_says_what_to_do() -> None:
    for call in (
        lambda: draw(["ada"], [], {}, random.Random(1)),
        lambda: draw_one([], [], {}, random.Random(1)),
    ):
        error = refusal(call)
        assert error.code is Code.NO_QUESTIONS
        assert "add questions" in error.message


def test_a_preview_without_questions_leaves_every_student_without_one() -> None:
    assert sharing(["ada", "bo"], [], {}) == 2
    assert sharing([], ["q1"], {}) == 0


def test_a_preview_of_28_students_and_19_questions_is_9() -> None:
    students = [f"s{number}" for number in range(28)]
    assert sharing(students, [f"q{number}" for number in range(19)], {}) == 9


@UNTIMED
@given(cases(), st.lists(st.integers(0, 2), min_size=4, max_size=4), SEEDS)
def test_a_late_joiner_gets_the_least_used_of_the_questions_it_may_get(
    case: Case, uses: list[int], seed: int
) -> None:
    _, questions, seen = case
    in_use = dict(zip(questions, uses, strict=False))
    late = draw_one(questions, seen["s0"], in_use, random.Random(seed))
    may_get = fresh(questions, seen["s0"]) or questions
    assert late in may_get
    assert in_use[late] == min(in_use[question] for question in may_get)


def test_a_late_joiner_who_has_seen_everything_gets_the_oldest_of_the_least_used() -> None:
    seen = ["q1", "q2", "q3", "q1"]
    late = draw_one(["q1", "q2", "q3"], seen, {"q2": 1}, random.Random(1))
    assert late == "q3"
    assert draw_one(["q1", "q2", "q3"], seen, {}, random.Random(1)) == "q2"


def test_a_late_joiner_may_get_any_question_with_equal_chance_if_none_is_in_use() -> None:
    bank = ["q1", "q2", "q3", "q4"]
    counts = Counter(draw_one(bank, ["q4"], {}, random.Random(seed)) for seed in range(900))
    assert set(counts) == {"q1", "q2", "q3"}
    assert min(counts.values()) > 240


def test_a_late_joiner_may_get_a_seen_question_where_repeats_are_allowed() -> None:
    late = draw_one(["q1", "q2"], ["q1"], {"q2": 1}, random.Random(1), allow_repeats=True)
    assert late == "q1"


def test_warnings_say_how_many_questions_are_missing() -> None:
    nine = Draw({}, distinct=False, largest_share=2, missing=9)
    assert warnings(nine) == (
        "Too few questions match: 9 more questions that nobody has seen would give each student a "
        "different one. For now, up to 2 students share a question.",
    )
    one = Draw({}, distinct=False, largest_share=2, missing=1)
    assert "1 more question that nobody" in warnings(one)[0]


def test_warnings_say_how_many_students_get_a_question_again() -> None:
    one = Draw({}, distinct=True, largest_share=1, missing=0, repeats=1)
    assert warnings(one) == (
        "1 student has already seen every matching question and gets one of them again.",
    )
    three = Draw({}, distinct=True, largest_share=1, missing=0, repeats=3)
    assert warnings(three) == (
        "3 students have already seen every matching question and get one of them again.",
    )


def test_a_draw_that_lacks_nothing_has_no_warnings() -> None:
    assert warnings(drawn((["ada"], ["q1"], {}))) == ()


class LineCounter:
    """Counts the lines that the draw executes: a measure of work that no slow machine changes."""

    files = frozenset({draw_module.__file__, matching_module.__file__})

    def __init__(self) -> None:
        self.lines = 0

    def __enter__(self) -> LineCounter:
        self.previous = sys.gettrace()
        sys.settrace(self.enter_function)
        return self

    def __exit__(self, *_: object) -> None:
        sys.settrace(self.previous)

    def enter_function(self, frame: FrameType, event: str, _: object) -> Any:
        return self.count if frame.f_code.co_filename in self.files else None

    def count(self, frame: FrameType, event: str, _: object) -> Any:
        self.lines += event == "line"
        return self.count


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("students", "questions", "seen_by_each", "lines_each"),
    [
        pytest.param(5_000, 5_000, 0, 30, id="a bank for all, nothing seen"),
        pytest.param(5_000, 300, 0, 30, id="too small a bank, nothing seen"),
        pytest.param(5_000, 300, 2, 500, id="too small a bank, some seen"),
        pytest.param(2_000, 2_000, 2, 500, id="a bank just large enough"),
        pytest.param(2_000, 2_002, 2, 500, id="a bank with room for all"),
    ],
)
def test_the_work_grows_with_the_number_of_students_not_with_its_square(
    students: int, questions: int, seen_by_each: int, lines_each: int
) -> None:
    case = crowd(students, questions, seen_by_each)
    with LineCounter() as counter:
        drawn(case)
    assert counter.lines < lines_each * (students + questions)


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("students", "questions", "pairs_a_byte"),
    [
        pytest.param(3_000, 3_000, 1, id="a bank just large enough is kept in bits"),
        pytest.param(2_000, 60_000, 8, id="of a bank with room for all not even bits are kept"),
    ],
)
def test_the_memory_used_does_not_grow_like_students_times_questions(
    students: int, questions: int, pairs_a_byte: int
) -> None:
    case = crowd(students, questions, seen_by_each=1)
    tracemalloc.start()
    try:
        drawn(case)
        sharing(*case)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < students * questions / pairs_a_byte
