"""Reduces Markdown (https://commonmark.org) to the subset that terminals show."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode

# Escapes are resolved after parsing, because backslashes in formulas are TeX.
PARSER = MarkdownIt("commonmark").disable("escape")
_ESCAPED = re.compile(r"(\$[^$\n]+\$)|\\([!-'*-/:-@\[-`{-~])")
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)


def parse(source: str) -> SyntaxTreeNode:
    """Parse a text into a tree of blocks."""
    return SyntaxTreeNode(PARSER.parse(source))


def to_text(source: str, lost: list[str]) -> str:
    """Convert a text for terminals; what they can't show is added to `lost`."""
    return blocks_to_text(parse(source).children, source.split("\n"), lost)


def blocks_to_text(blocks: Iterable[SyntaxTreeNode], lines: Sequence[str], lost: list[str]) -> str:
    """Convert some blocks of a text for terminals.

    Args:
        blocks: The blocks to convert.
        lines: The lines of the whole text, from which lists, tables and the like are copied.
        lost: Gets what can't be shown added, each as the end of a sentence.
    """
    return "\n\n".join(_block(block, lines, lost) for block in blocks).strip()


def _block(block: SyntaxTreeNode, lines: Sequence[str], lost: list[str]) -> str:
    if block.type in {"paragraph", "heading"}:
        return inline_to_text(block.children[0], lost) if block.children else ""
    if block.type in {"fence", "code_block"}:
        mark = block.markup if block.markup.startswith("`") else "```"
        language = (block.info.split() or [""])[0]
        return f"{mark}{language}\n{block.content.rstrip()}\n{mark}"
    if block.type == "hr" or block.map is None:
        return ""
    return "\n".join(lines[block.map[0] : block.map[1]]).rstrip()


def inline_to_text(inline: SyntaxTreeNode, lost: list[str]) -> str:
    """Return the text of a paragraph or heading."""
    token = inline.token
    return "".join(_pieces((token.children if token else None) or [], lost)).strip()


def _pieces(tokens: Iterable[Token], lost: list[str]) -> Iterator[str]:
    address = ""
    for token in tokens:
        match token.type:
            case "text":
                yield _ESCAPED.sub(lambda found: found[1] or found[2], token.content)
            case "code_inline":
                yield f"{token.markup}{token.content}{token.markup}"
            case "softbreak" | "hardbreak":
                yield "\n"
            case "strong_open" | "strong_close":
                yield "**"
            case "link_open":
                address = str(token.attrGet("href") or "")
            case "link_close":
                yield f" ({address})" if token.info != "auto" else ""
            case "image":
                lost.append(f"a picture ({token.content})" if token.content else "a picture")
            case "html_inline":
                yield _BREAK.sub("\n", token.content)
            case _:
                yield token.markup
