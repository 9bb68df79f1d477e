"""Parses HTML with lxml, working around differences from browsers."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.etree import _Element

# libxml2 closes <b>, <tt> and <s> at a paragraph, ignores a stray </p>, and drops anything after
# the end of the body.
_INSTEAD = {
    "<b": "<strong", "</b": "</strong", "<tt": "<code", "</tt": "</code",
    "<s": "<del", "</s": "</del", "<strike": "<del", "</strike": "</del",
    "</p": "</p><p></p", "</body": "</span", "</html": "</span",
}  # fmt: skip
_TAG = re.compile(r"<(?:/?(?:b|tt|s|strike)|/(?:p|body|html))(?=[\s/>])", re.IGNORECASE)
_OPEN = re.compile("<(?!!--)")
_LONG_REFERENCE = re.compile(r"&#([0-9]{8,})")
# The WIRIS formula editor stores MathML in «» tags, so that HTML filters leave it alone.
_WIRIS = "«math"
_WIRIS_TAG = re.compile("«(/?(?:m[a-z]+|semantics|annotation|none)(?:\\s[^«»<>=]*=[^«»<>]*)?/?)»")
_WIRIS_REFERENCE = re.compile(r"§(#?\w{1,31};)")


def parse(source: str, lost: list[str]) -> _Element | None:
    """Parse HTML, however malformed; return None if there is nothing in it.

    Args:
        source: The HTML.
        lost: Gets what can't be read added.
    """
    from lxml import etree  # noqa: PLC0415 - most runs read no HTML

    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True,
                              huge_tree=True)  # fmt: skip
    if _WIRIS in source:
        tags = _WIRIS_TAG.sub(lambda tag: f"<{tag[1].replace('¨', chr(34))}>", source)
        source = _WIRIS_REFERENCE.sub(r"&\1", tags)
    # A `<` with no `>` after it is text: people write "a<b" in HTML too.
    end = source.rfind(">") + 1
    written = _TAG.sub(lambda tag: _INSTEAD[tag[0].lower()], source[:end])
    written += _OPEN.sub("&lt;", source[end:])
    # Without a <body>, the parser wraps text that is outside a paragraph in one.
    tree = etree.fromstring(f"<body>{written}".encode("utf-8", "ignore"), parser)
    if any(error.type_name == "ERR_RESOURCE_LIMIT" for error in parser.error_log):
        lost.append("what is nested too deeply in its HTML")
    return tree


def unescape(text: str) -> str:
    """Decode HTML character references; invalid ones become U+FFFD."""
    # Python refuses to parse a number with thousands of digits.
    return html.unescape(_LONG_REFERENCE.sub(_shortened, text))


def _shortened(found: re.Match[str]) -> str:
    return f"&#{found[1].lstrip('0')[:8] or '0'}"
