"""HTML as terminals show it, and back."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from livequiz.bank.html_text import html_to_text, text_to_html
from livequiz.bank.reading import tidy
from tests.bank.drafts import texts
from tests.bank.linear import assert_linear


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>One</p><p>Two</p>", "One\n\nTwo"),
        ("a<br>b<br/>c", "a\nb\nc"),
        ("  lines\n  and   spaces ", "lines and spaces"),
        ("a&nbsp;&nbsp;b &amp; &lt;c&gt; &#233;", "a  b & <c> é"),
        ("<b>bold</b> <strong>too</strong> <i>not</i>", "**bold** **too** not"),
        ("<b>never closed", "**never closed**"),
        ("use <code>len(x)</code>.", "use `len(x)`."),
        ("<code>a`b</code>", "a`b"),
        ("H<sub>2</sub>O, x<sup>2</sup>, e<sup>i x</sup>", "H_2O, x^2, e^{i x}"),
        ("<ul><li>x</li><li>y</li></ul>after", "- x\n- y\nafter"),
        ("<ol start=3><li>a<li>b</ol>", "3. a\n4. b"),
        ("<table><tr><th>a<th>b</tr><tr><td>c<td>d</tr></table>", "a | b\nc | d"),
        ("<div><p>a</p></div>\n<div>b</div>", "a\n\nb"),
        ("<pre>  x\n    y\n</pre>", "```\n  x\n    y\n```"),
        (
            'See:<pre><code class="language-c">int x;\n\nx &lt; 2</code></pre>end',
            "See:\n\n```c\nint x;\n\nx < 2\n```\n\nend",
        ),
        ("<script>alert(1)</script><style>b{}</style>x<!-- no -->", "x"),
        ("</p></b></ul>x", "x"),
        ("soft\u00adhyphen, zero\u200bwidth, \u202eturned", "softhyphen, zerowidth, turned"),
        ("a<![CDATA[b]]>c <!doctype html>d<?php e ?>f</ g>", "ac df"),
        ("a<!-- <b>x</b> -->b<!-->c", "abc"),
        ("a<!-- never closed <b>", "a"),
        ("a < b, c <3, d <e", "a < b, c <3, d <e"),
        ("<p title='a > b' class=\"c>d\">x</P>", "x"),
        ("<p title=don't>x</p><p>don't</p>", "x\n\ndon't"),
        ("a<BR/>b<br />c", "a\nb\nc"),
        ("<pre><code class = 'language-c'>x</code></pre>", "```c\nx\n```"),
        ("<script>if (a<b) { '</p>' }</SCRIPT>x", "x"),
        ("<style>never closed", ""),
        ("&#65; &#0000000066; &#x43; &#" + "9" * 5000 + ";", "A B C \ufffd"),
        ("<ol start=" + "9" * 5000 + "><li>a</ol>", "1. a"),
        ("a<br><br><br>b<br></p>c", "a\n\n\nb\n\nc"),
        ("<p>a</p> <p> <img src='x'> </p> <p>b</p>", "a\n\nb"),  # left a line with a space
        ("<p>a</p><p>&nbsp;</p><p><br></p><p>b</p>", "a\n\nb"),
        ("a <i></i> <i> b</i>", "a b"),
        (
            "<b> bold </b>and <b>a</b><b>b</b><b></b>, un<b>bearab</b>le",
            "**bold** and **ab**, unbearable",
        ),
        ("<b><p>a</p>b<br>c</b>", "**a**\n\n**b**\n**c**"),
        ("<b>use <code>f</code></b>", "**use `f`**"),
        ("<code>a<b>b</b><sup>2</sup></code> <tt>t</tt>", "`ab^2` `t`"),
        ("<code>a = 1<br>&nbsp;&nbsp;b</code>", "```\na = 1\n  b\n```"),
        ("x<sup><b>2</b></sup>, e<sup>x<sub>12</sub>y</sup>, H<sub>2", "x^2, e^{x_12y}, H_2"),
        ("<sup>" * 9 + "x" + "</sup>" * 9 + "y", "^{^{^{^x}}}y"),
        ("<ul><li><p>a</p><li></li><ol><li>b</li></ol></ul>", "- a\n  1. b"),
        ("<p>Some:</p><ul><li><p>a</p></li><li><p>b</p></li></ul>", "Some:\n\n- a\n- b"),
        ("<li><pre>a</pre></li>", "-\n\n```\na\n```"),
        ("<table><tr><td><p>a</p><p>b</p></td><td></td><td>c<br>d</table>e", "a b | | c d\ne"),
        ("<pre>```\na\n````</pre>", "`````\n```\na\n````\n`````"),
        ("<pre>a<br>b", "```\na\nb\n```"),
        ("&#xe000;a&#xe001;b&#xe002;", "ab"),
        ("<b>a*b</b>", "a*b"),
        ("a</body>b</html>c", "abc"),
        ("<tt><p>a</p></tt><p style='color: red; display : none'>key</p><p hidden>key</p>", "a"),
        ("a<noscript>b</noscript><?xml version='1.0' encoding='latin1'?>é", "aé"),
        ("x<!-- never closed", "x"),
        (
            "<b>a<b hidden>b</b> c</b> <b>d</b> x<sup>1<sup hidden>2</sup>3</sup>",
            "**a c** **d** x^13",
        ),
        ("", ""),
    ],
)
def test_html_is_shown_as_a_browser_would(html: str, text: str) -> None:
    assert html_to_text(html).text == text


def test_pictures_are_named_once_and_left_out() -> None:
    found = html_to_text(
        '<img src="a" alt="A cat"> x <img src="a" alt="A cat"><video></video>'
        "<svg><image/><text>y</text></svg><img alt=' '>"
    )
    assert found.text == "x"
    assert found.lost == ("a picture (A cat)", "a film", "a drawing", "a picture")


def test_what_is_nested_too_deeply_is_told() -> None:
    found = html_to_text("a" + "<sup>" * 3_000 + "key")
    assert found.text == "a"
    assert found.lost == ("what is nested too deeply in its HTML",)
    assert html_to_text("a" + "<span>" * 2_000 + "key").lost == ()


# As they are in questions, but far more of them.
marked = st.lists(
    st.sampled_from(
        ["**", "`", "``", "*", "_", " ", "  ", "\n", "\n\n", "\n\n\n", "a", "b c", "<"]
    ),
    max_size=20,
).map("".join)


@given((texts | marked).filter(lambda text: "```" not in text))
@example("```\n\n```")  # lost all of it
@example("0 \n0")  # lost the space
@example("`0` \n\n0")
@example("a\n\n\n\nb")  # lost lines
@example("a\n\n \n\nb")
@example("` a  b `")  # lost spaces
@example("** a ** **a****b**")
def test_a_text_comes_back_from_html(text: str) -> None:
    assert html_to_text(text_to_html(tidy(text))).text == tidy(text)


# Around a program there is one empty line, and none in it at its ends.
programs = st.lists(
    st.sampled_from(["x", "  y()", "", "<b>&amp;", "**z**", "`", "'\"\\"]), min_size=1, max_size=6
).map("\n".join)


@given(
    programs.filter(lambda text: text and text.strip("\n") == text),
    st.sampled_from(["", "c", "c++"]),
)
def test_a_program_comes_back_from_html(program: str, language: str) -> None:
    text = f"Before\n\n```{language}\n{program}\n```\n\n**after**"
    assert html_to_text(text_to_html(text)).text == text


PROGRAM = "What?\n\n```python\ndef f():\n    return '<b>'\n```\n\nUse `f` and **see**."


@pytest.mark.parametrize("text", [PROGRAM, "```\nx\n```", "a\n\n```\n\tx\n\n  y\n```", "2**3**2",
                                  "````\n```\nx\n````", "```\nnever closed"])  # fmt: skip
def test_programs_come_back_from_html(text: str) -> None:
    assert html_to_text(text_to_html(text)).text == text.expandtabs(4)


@given(st.text("<>/&;\"' \nabpreculi=#x![]-?0", max_size=100))
def test_any_html_is_some_text(html: str) -> None:
    found = html_to_text(html).text
    assert found == found.strip()


@pytest.mark.parametrize(
    "piece",
    [
        "<b>", "<p>", "<ul><li>", "&lt;", "<", "</", " ", "<pre>", "`", "<!--", "<![", "<!", "<?",
        "<a ", "<a", "<a/", "<a =", "<a b=\"", "<a b='", "<a b='\"", "<a b=\"x>\"", "<script>",
        "&#", "&#9", "9", "<br>", "<td>", "<sup>a", "<code>`",
        "<sup>", "<li><p>", "<br> ", "<b>a</b> ", "&nbsp;", "<table><td>", "</code>",
    ],
)  # fmt: skip
def test_the_time_grows_with_the_length_alone(piece: str) -> None:
    assert_linear(lambda size: html_to_text(piece * size))


@pytest.mark.parametrize("piece", ["```a\n", "```\n", "`", "**", "**a", "\n", " ", "`\n", "** a"])
def test_the_time_to_write_grows_with_the_length_alone(piece: str) -> None:
    assert_linear(lambda size: text_to_html(piece * size))
