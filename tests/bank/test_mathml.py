"""Formulas in MathML as text on one line, wherever they stand."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livequiz.bank.formats import read_whole
from livequiz.bank.gift import GIFT
from livequiz.bank.html_text import FORMULA_NOTE, html_to_text
from livequiz.bank.reading import Problem
from tests.bank.cases import whole
from tests.bank.linear import assert_linear

_UNTYPED = {"LEFT": "[", "RIGHT": "]", "times": "&#x2062;", "apply": "&#x2061;"}
CASES = Path(__file__).parent / "cases"


def shown(inside: str) -> str:
    found = html_to_text(f"<math>{inside}</math>")
    assert not found.lost
    return found.text


def math(written: str) -> str:
    """Return MathML for `[name child child]`, with letters, numbers and operators as tokens."""
    parts: list[str] = []
    open_names: list[str] = []
    for word in written.replace("[", " [ ").replace("]", " ] ").split():
        if word == "[":
            open_names.append("")
        elif word == "]":
            parts.append(f"</{open_names.pop()}>")
        elif open_names and not open_names[-1]:
            open_names[-1] = word
            parts.append(f"<{word}>")
        else:
            text = _UNTYPED.get(word, word).replace("<", "&lt;")
            name = "mn" if text[0].isdigit() else "mi" if text.isalpha() else "mo"
            parts.append(f"<{name}>{text}</{name}>")
    return "".join(parts)


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("[mfrac 3 4]", "3/4"),
        ("[mfrac [mrow a + b] 2]", "(a+b)/2"),
        ("[mfrac 1 [mrow 2 x]]", "1/(2x)"),
        ("[mfrac [mrow 2 x] 3]", "2x/3"),
        ("[mfrac [mfrac 1 2] 3]", "(1/2)/3"),
        ("[mfrac 1 [mfrac 2 3]]", "1/(2/3)"),
        ("[mfrac 2 [msup x 2]]", "2/x^2"),
        ("[mfrac [mrow ( a + b )] c]", "(a+b)/c"),
        ("[mfrac [mrow ( a ) + ( b )] c]", "((a)+(b))/c"),
        ("[mfrac [mrow sin apply x] x]", "(sin x)/x"),
        ("[mfrac 1 [mrow]]", "1/□"),
        ("1 [mfrac 1 2]", "1 1/2"),  # not 11/2
        ("[mrow 1 [mfrac 1 2]] x", "(1 1/2)x"),
        ("2 times [mfrac 1 2]", "2·1/2"),
        ("2 times 3", "2·3"),
        ("2 times x", "2x"),
        ("[mfrac 1 2] x", "(1/2)x"),
        ("x [mfrac 1 2]", "x(1/2)"),
        ("[mfrac 1 2] ( x + 1 )", "(1/2)(x+1)"),
        ("[mfrac 1 2] ÷ [mfrac 3 4]", "(1/2)÷(3/4)"),
        ("− [mfrac 1 2] + [mfrac 3 4]", "-1/2+3/4"),
        ("[msup x 2]", "x^2"),
        ("[msup x 12] y", "x^12 y"),
        ("[msup 2 [mrow n + 1]]", "2^(n+1)"),
        ("[msup x [mrow − 1]]", "x^(-1)"),
        ("[msup [mrow a + b] 2]", "(a+b)^2"),
        ("[msup [mfrac 1 2] 3]", "(1/2)^3"),
        ("[msup [msup x 2] 3]", "(x^2)^3"),
        ("[msup 2 [msup x 2]]", "2^(x^2)"),
        ("( a + b [msup ) 2]", "(a+b)^2"),
        ("[msup 90 ∘] , [msup f ′] ( x )", "90°, f′(x)"),
        ("[msub H 2] O", "H_2O"),
        ("[msub x 1] [msub x 2]", "x_1 x_2"),
        ("[msub x [mrow i + 1]]", "x_(i+1)"),
        ("[msubsup x 1 2]", "x_1^2"),
        ("[msqrt 2] > 2", "sqrt(2) > 2"),
        ("[msqrt a + b]", "sqrt(a+b)"),
        ("2 [msqrt 3]", "2sqrt(3)"),
        ("[mroot 8 3]", "root_3(8)"),
        ("[munderover ∑ [mrow i = 1] n] [msup i 2]", "∑_(i = 1)^n i^2"),
        ("[munder lim [mrow x → 0]] f ( x )", "lim_(x → 0) f(x)"),
        ("[mover v →] , [mover A ¯] , [mover x ^]", "vec(v), bar(A), hat(x)"),
        ("[mover [mrow A B] ¯]", "bar(AB)"),
        ("[mfenced a b]", "(a, b)"),
        ("LEFT [mtable [mtr [mtd 1] [mtd 2]] [mtr [mtd 3] [mtd 4]]] RIGHT", "[1, 2; 3, 4]"),
        ("[mtable [mtr [mtd x] [mtd = 2]] [mtr [mtd y] [mtd = 3]]]", "[x = 2; y = 3]"),
        ("[mfenced [mtable [mtr [mtd 1]] [mtr [mtd 2]]]]", "(1; 2)"),
        ("[mmultiscripts C [mprescripts] 6 14]", "^14_6C"),
        ("x = [mfrac [mrow − b ± [msqrt [msup b 2] − 4 a c]] [mrow 2 a]]",
         "x = (-b±sqrt(b^2-4ac))/(2a)"),
        ("1 2 . 5", "12.5"),
        ("f ( x , y )", "f(x, y)"),
        ("[msub log 2] x", "log_2 x"),
        ("[mphantom x] y", "y"),
        ("[menclose x]", "x"),
        ("a ≤ b", "a ≤ b"),
    ],
)  # fmt: skip
def test_a_formula_is_written_as_people_type_it(written: str, text: str) -> None:
    assert shown(math(written)) == text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<mfenced open='[' close=')' separators=';'><mn>1</mn><mn>2</mn></mfenced>", "[1; 2)"),
        ("<mfrac linethickness='0'><mi>n</mi><mi>k</mi></mfrac>", "binom(n, k)"),
        ("<mfrac><mtext>distance covered</mtext><mtext>time</mtext></mfrac>",
         "(distance covered)/time"),
        ("<mn>3</mn><mtext> of </mtext><mfrac><mn>3</mn><mn>4</mn></mfrac>", "3 of 3/4"),
        ("<semantics><msqrt><mn>2</mn></msqrt>"
         "<annotation encoding='application/x-tex'>\\sqrt{2}</annotation></semantics>", "sqrt(2)"),
        ("<semantics><apply><sin/><ci>x</ci></apply>"
         "<annotation encoding='application/x-tex'>\\sin x</annotation></semantics>", "\\sin x"),
        ("<annotation encoding='LaTeX'>\\frac{3}{4}</annotation>", "\\frac{3}{4}"),
        ("<menclose notation='radical'><mn>2</mn></menclose>", "sqrt(2)"),
    ],
)  # fmt: skip
def test_what_attributes_and_annotations_say_counts(html: str, text: str) -> None:
    assert shown(html) == text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<m:math><m:mfrac><m:mn>1</m:mn><m:mn>2</m:mn></m:mfrac></m:math>", "1/2"),
        ("x 1<math><mfrac><mn>1</mn><mn>2</mn></mfrac></math>3", "x 1 1/2 3"),
        ("e<sup>x + 1<math><mfrac><mn>1</mn><mn>2</mn></mfrac></math>y</sup>", "e^{x + 1 1/2 y}"),
        ("<p>a<math display='block'><msqrt><mn>1</mn></msqrt></math>b</p>",
         "a\nsqrt(1)\nb"),
        ("<b>is <math><msup><mi>x</mi><mn>2</mn></msup></math></b>", "**is x^2**"),
        ("«math xmlns=¨http://www.w3.org/1998/Math/MathML¨»«mfrac»«mn»3«/mn»«mi»§#960;«/mi»"
         "«/mfrac»«/math», «mais oui»", "3/π, «mais oui»"),
        ("<img class='Wirisformula' alt='x' data-mathml='«math»«msqrt»«mn»3«/mn»«/msqrt»«/math»'>",
         "sqrt(3)"),
    ],
)  # fmt: skip
def test_formulas_are_found_however_they_are_kept(html: str, text: str) -> None:
    found = html_to_text(html)
    assert found.text == text
    assert found.notes == (FORMULA_NOTE,)
    assert not found.lost


@pytest.mark.parametrize(
    "inside", ["<apply><plus/></apply>", "<mfrac><mn>1</mn></mfrac>", "<mrow>" * 100 + "<mi>x</mi>"]
)
def test_a_formula_that_can_not_be_written_out_is_told(inside: str) -> None:
    found = html_to_text(f"a <math>{inside}</math>")
    assert (found.text, found.notes) == ("a", ())
    assert found.lost == ("a formula that can't be written on one line",)


def test_a_letter_alone_needs_no_note() -> None:
    found = html_to_text("<math><mi>x</mi> <mo>=</mo> <mn>2</mn></math>")
    assert (found.text, found.notes) == ("x = 2", ())


def test_moodles_formulas_are_written_out_with_a_note() -> None:
    reading = read_whole(CASES / "moodle_mathml.xml")
    first, second, *_, last = reading.drafts
    assert first.text == "How much is 3/4 as a decimal number?"
    assert second.options == ("1/2", "1^3")
    assert (last.text, last.options) == ("How much is \\(2^3\\)?", ("8", "~~6~~ 9"))
    noted = [problem.text for problem in reading.problems if problem.message == FORMULA_NOTE]
    assert noted == [first.text, second.text]


def test_qtis_formulas_are_written_out_with_a_note() -> None:
    reading = read_whole(CASES / "qti_mathml.xml")
    [draft] = reading.drafts
    assert draft.text == "Is sqrt(2) > 2 true?"
    assert draft.options == ("yes", "no, it is 1/2")
    assert [problem.message for problem in reading.problems] == [FORMULA_NOTE]


def test_gifts_formulas_in_html_are_written_out_with_a_note() -> None:
    content = rb"[html]Is <math><msqrt><mn>2</mn></msqrt></math> > 1? {T}"
    entry, note = GIFT.read(content)
    assert whole([entry]).drafts[0].text == "Is sqrt(2) > 1?"
    assert isinstance(note, Problem)
    assert note.message == FORMULA_NOTE


_NAMES = (
    "mfrac msup msub msubsup msqrt mroot mover munder munderover mfenced mtable mtr mtd mrow math "
    "mmultiscripts menclose mtext mi mn mo mspace none mprescripts semantics".split()
)
_WORDS = ["1", "x", "+", "=", "(", ")", "|", "sin", " ", "&#x2062;", ",", "′", "{", "¯"]


@given(st.lists(st.sampled_from([*_WORDS, *[f"<{n}>" for n in _NAMES],
                                 *[f"</{n}>" for n in _NAMES]]), max_size=40))  # fmt: skip
def test_whatever_a_formula_holds_it_is_text_or_told(pieces: list[str]) -> None:
    found = html_to_text("<math>" + "".join(pieces))
    assert found.text == found.text.strip()


@pytest.mark.parametrize("piece", ["<mi>x</mi>", "<mfrac>", "<mrow>", "<mo>(</mo>", "<mtr><mtd>x",
                                   "<msup><mi>x</mi><mn>2</mn></msup>",
                                   "x<mfrac><mn>1</mn><mn>2</mn></mfrac>",
                                   "</math><math><mn>1</mn>"])  # fmt: skip
def test_the_time_grows_with_the_length_of_a_formula_alone(piece: str) -> None:
    assert_linear(lambda size: html_to_text("<math>" + piece * size))


@pytest.mark.parametrize("piece", ["«math", "«math»", "<img data-mathml='", "§#1", "<math>"])
def test_formulas_that_never_end_take_linear_time_too(piece: str) -> None:
    assert_linear(lambda size: html_to_text(piece * size))
