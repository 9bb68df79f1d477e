"""HTML as tags and text, whatever it holds, in time that grows with its length alone.

The tokens are those of the HTML standard (https://html.spec.whatwg.org/#tokenization). Python's
`html.parser` raises `AssertionError` on `<![` before 3.13 and takes quadratic time for tags and
comments that are not closed: half a minute for 60 kB.
"""

from __future__ import annotations

import html
import re

_MARKUP = re.compile(r"<(?=[A-Za-z!?/])")
# A quote counts after an equals sign only. Nothing is matched twice: `*+` never goes back.
_TAG = re.compile(
    r"""<(/?)([A-Za-z][^\s/>]*+)((?:=\s*+(?:"[^"]*+"|'[^']*+')|[^>])*+)>""", re.DOTALL
)
_ATTRIBUTE = re.compile(
    r"""([^\s/=]++)(?:\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s]*+)))?+""", re.DOTALL
)
_LONG_REFERENCE = re.compile(r"&#([0-9]{8,})")
# What is no text though it stands between tags.
_RAW = {name: re.compile(f"</{name}\\b", re.IGNORECASE) for name in ("script", "style")}


class Tokens:
    """What reads HTML: it overrides the methods for the tokens that it needs."""

    def handle_starttag(self, tag: str, attrs: dict[str, str]) -> None:
        """Take `<tag attrs>`; names are in lower case, values without escapes."""

    def handle_endtag(self, tag: str) -> None:
        """Take `</tag>`."""

    def handle_data(self, data: str) -> None:
        """Take text, without escapes."""

    def feed(self, source: str) -> None:
        """Take all of a text, token by token."""
        at = 0
        while found := _MARKUP.search(source, at):
            self._text(source, at, found.start())
            at = self._markup(source, found.start())
        self._text(source, at, len(source))

    def _markup(self, source: str, start: int) -> int:
        """Take what begins with `<`, and return where it ends."""
        if source.startswith("<!--", start):
            end = source.find("-->", start + 2)
            return len(source) if end < 0 else end + 3
        if found := _TAG.match(source, start):
            return self._tag(found)
        # A declaration or a wrong end tag is a comment; what never ends is taken for text.
        end = source.find(">", start) if source[start + 1] in "!?/" else -1
        if end < 0:
            self._text(source, start, len(source))
            return len(source)
        return end + 1

    def _tag(self, found: re.Match[str]) -> int:
        closing, name, rest = found[1], found[2].lower(), found[3]
        if closing:
            self.handle_endtag(name)
            return found.end()
        self.handle_starttag(name, _attributes(rest))
        if rest.endswith("/"):
            self.handle_endtag(name)
        elif name in _RAW:
            end = _RAW[name].search(found.string, found.end())
            return end.start() if end else len(found.string)
        return found.end()

    def _text(self, source: str, start: int, end: int) -> None:
        if start < end:
            self.handle_data(unescape(source[start:end]))


def unescape(text: str) -> str:
    """Return text without HTML's escapes; those for no character become U+FFFD."""
    # Python refuses to read a number of thousands of digits.
    return html.unescape(_LONG_REFERENCE.sub(_shortened, text))


def _shortened(found: re.Match[str]) -> str:
    return f"&#{found[1].lstrip('0')[:8] or '0'}"


def _attributes(written: str) -> dict[str, str]:
    return {
        found[1].lower(): unescape(found[2] or found[3] or found[4] or "")
        for found in _ATTRIBUTE.finditer(written)
    }
