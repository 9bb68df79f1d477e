"""Small text files, made after what real ones hold, that were refused or read with a wrong key."""

from __future__ import annotations

from pathlib import Path

import pytest

from livequiz.bank import formats
from livequiz.bank.aiken import read as read_aiken
from livequiz.bank.gift.reader import read as read_gift
from livequiz.bank.reading import Reading
from livequiz.domain.errors import QuizError
from livequiz.domain.model import Draft
from tests.bank.cases import whole

FOLDER = Path(__file__).parent / "cases"


def read(name: str) -> Reading:
    return formats.read_whole(FOLDER / name)


def key(draft: Draft) -> str:
    assert isinstance(draft.correct, int)
    return draft.options[draft.correct]


def aiken(text: str) -> Reading:
    return whole(read_aiken(text.encode()))


def test_aiken_may_leave_out_the_blank_use_small_letters_and_have_questions_of_lines() -> None:
    reading = read("habits.aiken")
    assert not reading.problems
    assert [(draft.text, key(draft)) for draft in reading.drafts] == [
        ("Which number is even?", "8"),
        ("Which number is odd?", "7"),
        ("Question of\ntwo lines?", "8"),
    ]


def test_a_program_in_an_aiken_question_keeps_its_indents() -> None:
    (draft,) = aiken("What is it?\nif x:\n    y()\na)1\nb)2\nANSWER: b\n").drafts
    assert (draft.text, key(draft)) == ("What is it?\nif x:\n    y()", "2")


def test_a_line_that_only_looks_like_an_option_stays_in_the_aiken_question() -> None:
    (draft,) = aiken(
        "Which abbreviation is Latin,\ne.g. for students?\nA.i.e.\nB.USA\nANSWER: A"
    ).drafts
    assert (draft.text, draft.options) == (
        "Which abbreviation is Latin,\ne.g. for students?",
        ("i.e.", "USA"),
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("In\nA.D. 1066?\nA) x\nB) y\nANSWER: A", "This option is A, but B comes next"),
        ("Which?\na)x\nc)y\nANSWER: A", "This is a second line of an option"),
        ("Quiz 1\n\nWhich?\nA) x\nB) y\nANSWER: A", "An empty line stands in the question"),
        ("Which?\n(a) x\n(b) y\nANSWER: A", "ANSWER is A: give a letter, below options"),
    ],
)
def test_aiken_in_doubt_is_refused(text: str, said: str) -> None:
    (problem,) = aiken(text).problems
    assert problem.message.startswith(said)


FRUIT = "Which is red?\nA) Pear\nB) Apple\nC) Banana\nANSWER: "


@pytest.mark.parametrize(
    "answer",
    ["Apple", "Banana", "Both", "AB", "A B", "a, b", "A or B", "A|B", "A. Apple",
     "A) Pear, B) Apple", "C#", "A - Apple"],
)  # fmt: skip
def test_an_aiken_answer_that_is_more_than_one_letter_is_asked_about(answer: str) -> None:
    reading = aiken(FRUIT + answer)
    assert not reading.entries
    assert reading.problems[0].message.startswith(f"ANSWER is {answer[:20]}: ")


@pytest.mark.parametrize(
    "answer", ["B", "b", "B.", "B) Apple", "B: apple", "B - Apple", "B (see 3)"]
)
def test_what_follows_an_aiken_letter_may_repeat_its_option_or_remark_on_it(answer: str) -> None:
    (draft,) = aiken(FRUIT + answer).drafts
    assert key(draft) == "Apple"


def test_an_aiken_letter_may_be_followed_by_an_option_that_begins_with_a_letter() -> None:
    (draft,) = aiken("Which?\nA) a dog\nB) a cat\nANSWER: B a cat").drafts
    assert key(draft) == "a cat"


def test_a_text_with_small_letters_throughout_is_known_as_aiken() -> None:
    text = b"Which?\na) x\nb) y\nANSWER: b\n"
    assert formats.detect(text, ".txt").name == "aiken"


def gift(text: str) -> Reading:
    return whole(read_gift(text.encode()))


def test_a_gift_file_may_begin_with_a_bracket() -> None:
    (draft,) = read("begins_with_bracket.gift").drafts
    assert (draft.text, key(draft)) == ("Water is wet.", "True")


@pytest.mark.parametrize(
    "text", ["[html]Wet? {T}", "{mlang en}Wet?{mlang} {T}", "[1] Wet? {=yes ~no}"]
)
def test_a_text_that_begins_with_a_bracket_is_no_json(text: str) -> None:
    assert formats.detect(text.encode(), ".txt").name == "gift"


@pytest.mark.parametrize(
    "text", ['[{"question": 1}]', " [ ]\n", '{"questions": []}', "{}", '\ufeff{"']
)
def test_json_is_known_by_how_it_begins(text: str) -> None:
    assert formats.detect(text.encode(), ".txt").name == "json"


def test_gaps_of_a_cloze_are_refused_as_in_moodle_xml() -> None:
    reading = read("cloze.gift")
    assert not reading.entries
    assert [(str(p.place), p.message) for p in reading.problems] == [
        (f"{line}", "This is a cloze gap, not GIFT: ask for each gap in a question of its own.")
        for line in ("1:5", "3:4")
    ]


@pytest.mark.parametrize(
    "gap",
    ["{:SA:=has}", "{2:SHORTANSWER_C:=has}", "{1:NM:=3:0.1}", "{1:MCVS:~a~=b}", "{ 1 : sa : =has}",
     "{1:MR:=a~=b}", "{1\\:SA\\:=has}", "{1:SA:has}"],
)  # fmt: skip
def test_a_cloze_gap_of_any_kind_is_refused(gap: str) -> None:
    (problem,) = gift(f"She {gap} a dog.").problems
    assert problem.message.startswith("This is a cloze gap")


def test_text_before_the_first_mark_is_not_accepted_beside_marked_answers() -> None:
    (problem,) = gift("Which? {one =two}").problems
    assert problem.message.startswith("Answers begin with `=`")


def test_both_marks_before_the_only_right_answer_of_gift_are_the_one_that_says_right() -> None:
    reading = read("tilde_equals.gift")
    assert not reading.problems
    (draft,) = reading.drafts
    assert (draft.options, key(draft)) == (("a", "an", "the"), "a")


@pytest.mark.parametrize(
    ("answers", "options", "right"),
    [
        ("~a ~= b#Yes. ~c", ("a", "b", "c"), "b"),
        ("\n~ a\n~\n=b\n", ("a", "b"), "b"),
        (r"~\=a ~=b", ("=a", "b"), "b"),
        (r"~=a\=b ~c", ("a=b", "c"), "a=b"),
    ],
)
def test_both_marks_are_certain_where_no_other_answer_has_points(
    answers: str, options: tuple[str, ...], right: str
) -> None:
    (draft,) = gift(f"Which? {{{answers}}}").drafts
    assert (draft.options, key(draft)) == (options, right)


@pytest.mark.parametrize(
    "answers", ["~=a =b ~c", "~=a ~=b ~c", "~%50%a ~=b ~c", "=a ~=b", "~=a=b ~c"]
)
def test_both_marks_are_asked_about_where_they_can_mean_two_things(answers: str) -> None:
    (problem,) = gift(f"Which? {{{answers}}}").problems
    assert problem.message.startswith("Is the answer after `~=` right, or does its text begin with")


@pytest.mark.parametrize(
    "text",
    [
        "What is $A^{T}$?",
        r"What is \frac{a}{b}?",
        r"What is \sqrt[3]{x}?",
        r"What is $\mathcal {T}$?",
        r"What is \(x {T} y\)?",
        "What is $x + {T}$?",
        "What is x_{n}?",
        r"What is \\frac{a}?",
        r"What is $x^{2}$? {=4 ~5}",
        r"Is $x_{=}$ right?",
    ],
)
def test_braces_of_a_formula_are_no_answers(text: str) -> None:
    (problem,) = gift(text).problems
    assert problem.message.startswith("This `{` may belong to a formula")


@pytest.mark.parametrize(
    "answers",
    ["=$x=2$", "=$y=2$ ~$x=3$", r"=\(x=2\)", r"~\(x=2\) =\(x=3\)", "=$$a~b$$ ~c", "=x=2", "=E=mc^2",
     "=F=ma ~E=mc^2", "=2+2=4 ~2+3=6", "=f(x)=x ~b", "=a#as x=2 ~b", "=a ~b#as 1+1=2", "=2+2=4"],
)  # fmt: skip
def test_a_mark_that_may_belong_to_an_equation_is_asked_about(answers: str) -> None:
    (problem,) = gift(f"Which? {{{answers}}}").problems
    assert problem.message.startswith("Does this ")


@pytest.mark.parametrize(
    ("answers", "correct"),
    [
        ("=yes=Yes=y", ("yes", "Yes", "y")),
        ("=4=four", ("4", "four")),
        ("~$5=$6~$7", 1),
        ("=$a ~$b ~$c", 0),
        (r"=x\=2 ~x\=3", 0),
        ("~no#wrong=yes#right", 1),
        ("=$x^2$ ~$x$", 0),
        ("~$x$=$y$", 1),
    ],
)
def test_marks_that_stand_close_without_an_equation_are_read(answers: str, correct: object) -> None:
    (draft,) = gift(f"Which? {{{answers}}}").drafts
    assert draft.correct == correct


@pytest.mark.parametrize("text", ["Is {1, 2} a set?", "Let {T} be a tree.", "A {F} b"])
def test_braces_amid_words_without_a_mark_of_gift_are_asked_about(text: str) -> None:
    (problem,) = gift(text).problems
    assert problem.message.startswith("Do these braces hold an answer?")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (r"What is $x^\{2\}$? {=4 ~5}", "What is $x^{2}$?"),
        (r"What is \\frac\{a\}\{b\}? {=4 ~5}", r"What is \frac{a}{b}?"),
        ("I ___{=am ~is} here.", "I ____ _____ here."),
        ("It costs $5. {=yes ~no}", "It costs $5."),
        (r"Line\n{=4 ~5}", "Line"),
        (r"Line\nnext {=4 ~5}", "Line\nnext"),
        ("See [1] {=4 ~5}", "See [1]"),
    ],
)
def test_answers_beside_escaped_formulas_and_gaps_are_read(text: str, shown: str) -> None:
    (draft,) = gift(text).drafts
    assert (draft.text.replace("________", "____ _____"), draft.correct) == (shown, 0)


@pytest.mark.parametrize(
    "text",
    [
        "What is $A^{T}$?\n\nAnd $B^{F}$?",
        r"\section{T}" "\n\nText.",
        "Let $x {=} 1$.",
        r"\newcommand{\half}[1]{#1}",
        "\\documentclass{article}\n\\begin{document}\nIs it? {T}\n\\end{document}",
        "Is it? {=a}\n\nf {x}\n\ng {y}",
        "body {\n color: red }",
        "x {\n  ::std::move(a);\n}\n\nvoid f() { }\n\nint g() { }\n",
    ],
)
def test_latex_and_programs_are_not_taken_for_gift(text: str) -> None:
    with pytest.raises(QuizError):
        formats.detect(text.encode(), ".txt")


AIKEN_WITH_BRACES = "Which set is {=a}?\nA) x\nB) y\nANSWER: A"


@pytest.mark.parametrize(
    ("text", "suffix", "said"),
    [
        (AIKEN_WITH_BRACES, ".txt", "Is this Aiken or GIFT (Moodle)? It can be read as each: "
                                    "say --format aiken or --format gift."),
        ("1. Which?\n*a) x\nb) y\n\n2. Which?\n- [x] a\n- [ ] b\n", ".md",
         "Is this text2qti or Markdown with task lists? It can be read as each: "
         "say --format text2qti or --format markdown."),
    ],
)  # fmt: skip
def test_a_text_that_can_be_read_in_two_ways_is_asked_about(
    text: str, suffix: str, said: str
) -> None:
    with pytest.raises(QuizError) as refused:
        formats.detect(text.encode(), suffix)
    assert refused.value.message == said


@pytest.mark.parametrize(
    ("text", "suffix", "name"),
    [
        (AIKEN_WITH_BRACES, ".aiken", "aiken"),
        (AIKEN_WITH_BRACES, ".gift", "gift"),
        ("1. Which?\n*a) x\nb) y\n", ".md", "text2qti"),
        ("Which?\n- [x] a\n- [ ] b\n", ".md", "markdown"),
        ("Which? {=a ~b}\n\n- [x] a\n", ".txt", "gift"),
        ("Which?\nA) x\nB) y\nANSWER: A", ".txt", "aiken"),
    ],
)
def test_the_only_reader_that_finds_questions_reads_a_text(
    text: str, suffix: str, name: str
) -> None:
    assert formats.detect(text.encode(), suffix).name == name
