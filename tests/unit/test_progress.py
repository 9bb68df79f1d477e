"""How students get on, and whom a teacher might look at."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from livequiz.domain.progress import Progress, struggling


def played(signs: str) -> Progress:
    """Return the progress after rounds: `+` right, `-` wrong, `.` no answer."""
    progress = Progress()
    for sign in signs:
        progress = progress.add({"+": True, "-": False, ".": None}[sign])
    return progress


def test_rounds_are_counted_and_an_answer_ends_a_run_of_missed_ones() -> None:
    assert played("+-..") == Progress(asked=4, answered=2, correct=1, missed=2)
    assert played("..-").missed == 0


def test_no_answer_in_an_open_round_is_no_fact_yet() -> None:
    assert played("+.").add(None, over=False).missed == 1
    assert played("+.").add(False, over=False).missed == 0


def test_who_answered_nothing_in_two_rounds_is_named_first() -> None:
    students = {"a": played("+++"), "b": played("+.."), "c": played("...."), "d": played("-.-")}
    assert struggling(students) == {"c": False, "b": False}


def test_a_share_below_half_of_the_median_is_named() -> None:
    students = {f"s{n}": played("+++-") for n in range(4)} | {"low": played("+---")}
    assert struggling(students) == {"low": True}
    students["low"] = played("++--")
    assert struggling(students) == {}


def test_too_few_answers_or_students_tell_nothing() -> None:
    assert struggling({f"s{n}": played("+++") for n in range(4)} | {"new": played("--")}) == {}
    assert struggling({"a": played("+++"), "b": played("+++"), "c": played("---")}) == {}


@given(st.dictionaries(st.text("abcd", min_size=1), st.text("+-.", max_size=6)))
def test_nobody_at_or_above_the_median_is_named_for_their_share(rounds: dict[str, str]) -> None:
    students = {student: played(signs) for student, signs in rounds.items()}
    found = struggling(students)
    shares = sorted(each.share for each in students.values() if each.share is not None)
    for student, for_share in found.items():
        if for_share:
            share = students[student].share
            assert share is not None
            assert share < shares[len(shares) // 2]
        else:
            assert students[student].missed >= 2
