"""Markdown with task lists: a question, then options as `- [ ]`, or `- [x]` if right."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from markdown_it.tree import SyntaxTreeNode

from livequiz.bank.foreign_question import ForeignQuestion, no_text, topics_of
from livequiz.bank.format_type import Format
from livequiz.bank.gift.blocks import beginning_of, decoded
from livequiz.bank.markdown_text import blocks_to_text, parse
from livequiz.bank.reading import Item, Kind, Place, Problem, beginning, tidy

# Without a space after it, `[x](a)` is a link and `[]int` a type.
_BOX = re.compile(r"\[(?:[ \t]+|[ \t]*([xX])[ \t]*)\](?![(\[:])\s*|\[\](?:\s+|$)")
_OTHER_BOX = re.compile(r"\[[^\]\s]\](?:\s|$)")
_TASK_LINE = re.compile(r"^[ \t]*(?:[-*+]|\d+[.)])[ \t]+\[[ xX]\][ \t]", re.MULTILINE)
_NUMBER = re.compile(
    r"(?:#{1,6}[ ]?)?(\*\*)?(?:(?:Q|Question)[ .:#-]*\d+[.):]*|\d+[.):])(?:\s+|(?=\*\*)|$)",
    re.IGNORECASE,
)
_BOLD = re.compile(r"\*\*([^*]+)\*\*")
_SAID_AFTER = re.compile(
    r"[*_]*(?:answer|explanation|hint|note|reason|reference|source)", re.IGNORECASE
)
_JOINED_BOX = re.compile(r"^([ \t]*[-*+])(?=\[[ xX]\][ \t])", re.MULTILINE)
_FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
_FENCES = frozenset({"fence", "code_block"})
_LISTS = frozenset({"bullet_list", "ordered_list"})
_MOST = 4_000  # characters in an explanation


@dataclass(slots=True)
class _Group:
    """Task lists of one question, with the blocks before and after them."""

    before: list[SyntaxTreeNode]
    options: list[list[SyntaxTreeNode]] = field(default_factory=list)  # the blocks of each
    after: list[SyntaxTreeNode] = field(default_factory=list)


class _Wrong(Exception):  # noqa: N818 - private to this module
    pass


def read(content: bytes) -> Iterator[Item]:
    """Read questions from Markdown.

    Raises:
        QuizError: `bad_request` if the file isn't valid UTF-8.
    """
    text = decoded(content).replace("\r\n", "\n").replace("\r", "\n")
    text = _FRONT_MATTER.sub(lambda found: "\n" * found[0].count("\n"), text)
    text = _JOINED_BOX.sub(r"\1 ", text)
    lines = text.split("\n")
    headings: list[tuple[int, str]] = []
    for section in _sections(parse(text).children):
        heading = section.pop(0) if section and section[0].type == "heading" else None
        groups = list(_groups(section))
        if heading:
            level = int(heading.tag[1:])
            while headings and headings[-1][0] >= level:
                headings.pop()
            title = blocks_to_text([heading], lines, [])
            asks = _NUMBER.match(title) is not None or title.endswith("?")
            if asks and not all(group.before and _begins(group.before[0]) for group in groups[1:]):
                yield _parted(heading, title)
                continue
            if (asks or len(groups) == 1) and groups and not any(map(_begins, groups[0].before)):
                groups[0].before.insert(0, heading)
            else:
                headings.append((level, title))
        for group in groups:
            yield from _question(group, lines, [name for _, name in headings])


def _parted(heading: SyntaxTreeNode, title: str) -> Problem:
    message = "Text stands between the options of this question: write them as one list."
    place = Place(heading.map[0] + 1 if heading.map else None)
    return Problem(Kind.WRONG, place, message, beginning(title))


def _sections(blocks: Sequence[SyntaxTreeNode]) -> Iterator[list[SyntaxTreeNode]]:
    """Yield sections, split at headings, rules, and list items that contain task lists."""
    section: list[SyntaxTreeNode] = []
    for block in blocks:
        if block.type in {"heading", "hr"}:
            yield section
            section = [block] if block.type == "heading" else []
        elif block.type in _LISTS and any(map(_tasks_within, block.children)):
            yield section
            for entry in block.children:
                yield list(entry.children)
            section = []
        elif block.type == "ordered_list" and len(block.children) == 1:
            section += [block, *block.children[0].children[1:]]
        else:
            section.append(block)
    yield section


def _tasks_within(entry: SyntaxTreeNode) -> bool:
    return any(_is_tasks(block) for block in entry.children)


def _is_tasks(block: SyntaxTreeNode) -> bool:
    return block.type in _LISTS and any(_BOX.match(_first_line(e)) for e in block.children)


def _is_ticked(block: SyntaxTreeNode) -> bool:
    boxes = (_BOX.match(_first_line(entry)) for entry in block.children)
    return any(box and box[1] for box in boxes)


def _first_line(entry: SyntaxTreeNode) -> str:
    """Return the Markdown of an item's first paragraph; empty if it begins with something else."""
    first = entry.children[0] if entry.children else None
    return first.children[0].content if first and first.type == "paragraph" else ""


def _groups(blocks: Sequence[SyntaxTreeNode]) -> Iterator[_Group]:
    """Yield the questions of a section; code between task lists belongs to the option before it."""
    between: list[SyntaxTreeNode] = []
    group: _Group | None = None
    ticked = False  # whether the group has a right option yet
    for block in blocks:
        if not _is_tasks(block):
            between.append(block)
            continue
        # Two adjacent lists that both have right options belong to two questions.
        two = not between and ticked and _is_ticked(block)
        if group and not two and all(other.type in _FENCES for other in between):
            group.options[-1] += between
        else:
            if group:
                at = _start_of_next(between)
                group.after = between[:at]
                yield group
            else:
                at = max((n for n, other in enumerate(between) if _begins(other)), default=0)
            group, ticked = _Group(between[at:]), False
        ticked = ticked or _is_ticked(block)
        group.options += [list(entry.children) for entry in block.children]
        between = []
    if group:
        group.after = between
        _give_code_to_the_last_option(group)
        yield group


def _give_code_to_the_last_option(group: _Group) -> None:
    """Move code below the list into the last option if every other option has code too."""
    others = group.options[:-1]
    if others and all(any(block.type in _FENCES for block in option) for option in others):
        while group.after and group.after[0].type in _FENCES:
            group.options[-1].append(group.after.pop(0))


def _start_of_next(between: Sequence[SyntaxTreeNode]) -> int:
    """Return the index at which the next question begins between two lists; the end if unclear."""
    begun = [at for at, block in enumerate(between) if _begins(block)]
    if begun:
        return begun[-1]
    prose = [at for at, block in enumerate(between) if block.type not in _FENCES]
    asked = [at for at in prose if not _SAID_AFTER.match(_source(between[at]))]
    return asked[0] if len(asked) == 1 else len(between)


def _begins(block: SyntaxTreeNode) -> bool:
    """Return whether a block looks like the start of a question: numbered or bold."""
    if block.type == "ordered_list":
        return len(block.children) == 1
    source = _source(block)
    bold = _BOLD.fullmatch(source) is not None and not _SAID_AFTER.match(source)
    return bold or _NUMBER.match(source) is not None


def _source(block: SyntaxTreeNode) -> str:
    return block.children[0].content.strip() if block.type == "paragraph" else ""


def _question(group: _Group, lines: Sequence[str], topics: list[str]) -> Iterator[Item]:
    first = (group.before or group.options[0])[0]
    found = ForeignQuestion(Place(first.map[0] + 1 if first.map else None))
    text = _asked(group.before, lines, found.lost)
    try:
        found.fields = {"question": text, **topics_of(topics), **_key(group, lines, found.lost)}
    except _Wrong as wrong:
        yield Problem(Kind.WRONG, found.place, str(wrong), beginning(text))
        return
    explanation = tidy(blocks_to_text(group.after, lines, found.lost))
    if len(explanation) > _MOST:
        found.lost.append(f"its explanation: it is longer than {_MOST} characters")
    elif explanation:
        found.fields["explanation"] = explanation
    yield from found.items()


def _asked(blocks: Sequence[SyntaxTreeNode], lines: Sequence[str], lost: list[str]) -> str:
    """Return the question's text without its number."""
    shown: list[str] = []
    for block in blocks:
        inner = block.children[0].children[:1] if block.type == "ordered_list" else [block]
        text = blocks_to_text(inner, lines, lost)
        if not any(shown):
            text = _NUMBER.sub(lambda found: found[1] or "", text, count=1).strip()
            bold = _BOLD.fullmatch(text)
            text = bold[1].strip() if bold else text.removeprefix("****").strip()
        shown.append(text)
    return tidy("\n\n".join(filter(None, shown)))


def _key(group: _Group, lines: Sequence[str], lost: list[str]) -> dict[str, object]:
    if not group.before:
        message = "Where does this question begin? Number it, or write it as a heading."
        raise _Wrong(message)
    options: list[str] = []
    right: list[int] = []
    for place, blocks in enumerate(group.options):
        _check_indent(blocks, lines)
        lost_here: list[str] = []
        written = blocks_to_text(blocks, lines, lost_here)
        box = _BOX.match(written)
        if box is None:
            raise _Wrong(_no_box(written))
        options.append(tidy(written[box.end() :]))
        if not options[-1]:
            raise _Wrong(no_text(place, lost_here))
        lost += lost_here
        if box[1]:
            right.append(place)
    if not right:
        raise _Wrong("No option is right: mark the right one with `[x]`.")
    if len(right) > 1:
        return {"type": "multiple", "options": options, "correct": right}
    return {"type": "single", "options": options, "correct": right[0]}


def _check_indent(option: Sequence[SyntaxTreeNode], lines: Sequence[str]) -> None:
    """Refuse an unindented line that Markdown counts as part of the option above it.

    It may be meant as the next question, or say which option is right.

    Raises:
        _Wrong: If there is such a line.
    """
    least: int | None = None
    for block in option:
        if block.type in _FENCES or block.map is None:
            continue
        for line in lines[block.map[0] : block.map[1]]:
            indent = len(line) - len(line.lstrip())
            if least is None:
                least = indent
            elif line.strip() and indent <= least:
                said = f"Does `{beginning(line)}` belong to the option before it?"
                message = f"{said} Indent it if it does, else leave an empty line before it."
                raise _Wrong(message)


def _no_box(written: str) -> str:
    said = f"`{beginning(written)}`"
    if _OTHER_BOX.match(written):
        return f"Is {said} right? Write `[x]` before a right option and `[ ]` before a wrong one."
    return f"{said} has no box: write `[x]` before a right option and `[ ]` before a wrong one."


def _is_markdown(content: bytes, suffix: str) -> bool:
    if suffix in {".md", ".markdown"}:
        return True
    return suffix in {".txt", ""} and _TASK_LINE.search(beginning_of(content)) is not None


MARKDOWN = Format("markdown", "Markdown with task lists", (".md", ".markdown"), _is_markdown, read)
