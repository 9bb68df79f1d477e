"""What an error carries for programs and for people."""

from __future__ import annotations

from livequiz.domain.errors import Code, QuizError


def test_an_error_has_a_code_a_sentence_and_the_field_at_fault() -> None:
    error = QuizError(Code.BAD_REQUEST, "Please give a name.", "name")
    assert str(error) == error.message == "Please give a name."
    assert repr(error) == "QuizError('bad_request', 'Please give a name.', field='name')"


def test_what_was_refused_was_not_done_unless_the_error_leaves_that_in_doubt() -> None:
    assert QuizError(Code.CONFLICT, "Please wait.").in_doubt is False
    assert QuizError(Code.UNAVAILABLE, "No reply came.", in_doubt=True).in_doubt is True
