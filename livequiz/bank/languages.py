"""Texts in several languages, marked up for Moodle's filters: keeps one of the languages.

`<span lang="en" class="multilang">` (https://docs.moodle.org/en/Multi-language_content_filter) and
`{mlang en}...{mlang}` (https://moodle.org/plugins/filter_multilang2).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextvars import ContextVar

# Best first. Each command sets it for everything it reads.
PREFERRED: ContextVar[tuple[str, ...]] = ContextVar("PREFERRED", default=("en",))
_OTHER = "other"  # matches any language without a text of its own
MARK = re.compile(r"\{[ ]?mlang(?:[ ]+([\w, -]{1,80}))?\}", re.IGNORECASE)
_SPAN = re.compile(r"<(/?)span\b([^<>]*)>", re.IGNORECASE)
_LANG = re.compile(r"\blang[ ]?=[ ]?[\"']?([\w-]{2,20})", re.IGNORECASE)


def preferred(chosen: str | None) -> tuple[str, ...]:
    """Return languages, best first: the chosen one, the environment's, then English."""
    names = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
    said = [chosen or "", *(os.environ.get(name, "").split(".")[0] for name in names)]
    spoken = [part for languages in said for part in languages.split(":")]
    return tuple(part for part in [*spoken, "en"] if part not in {"", "C", "POSIX"})


def with_marks(source: str) -> str:
    """Return HTML with `{mlang}` marks instead of multilang spans."""
    if "multilang" not in source:
        return source
    open_spans: list[bool] = []

    def marked(tag: re.Match[str]) -> str:
        if tag[1]:
            return "{mlang}" if open_spans and open_spans.pop() else tag[0]
        language = _LANG.search(tag[2]) if "multilang" in tag[2] else None
        open_spans.append(language is not None)
        return f"{{mlang {language[1]}}}" if language else tag[0]

    return _SPAN.sub(marked, source)


def in_one_language(value: object) -> tuple[object, str | None]:
    """Reduce texts to one language; also return a note if there were several.

    Args:
        value: A text, or a list or dict containing texts.
    """
    there: list[str] = []
    taken: list[str] = []
    kept = _kept(value, there, taken)
    languages, shown = (" and ".join(dict.fromkeys(found)) for found in (there, taken))
    if len(set(there)) < 2:
        return kept, None
    return kept, f"It is in {languages}: took {shown}. Use --lang to take another language."


def _kept(value: object, there: list[str], taken: list[str]) -> object:
    if isinstance(value, str):
        return _of_text(value, there, taken)
    if isinstance(value, list):
        return [_kept(part, there, taken) for part in value]
    if isinstance(value, dict):
        return {key: _kept(part, there, taken) for key, part in value.items()}
    return value


def _of_text(text: str, there: list[str], taken: list[str]) -> str:
    source = with_marks(text)
    blocks = list(_blocks(source))
    spoken = [language for languages, _ in blocks for language in languages]
    if not spoken:
        return text
    best = _best(spoken)
    there += spoken
    taken.append(best)
    kept = "".join(part for languages, part in blocks if not languages or best in languages)
    # Clean up around removed languages: empty bold marks and extra empty lines.
    return re.sub(r"\n{3,}", "\n\n", kept.replace("****", "")).strip()


def _blocks(text: str) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield each piece of a text with the languages it is for; no languages means all."""
    pieces = MARK.split(text)
    if None not in pieces[1::2]:  # no closing mark: the text is about such marks
        yield (), text
        return
    yield (), pieces[0]
    for named, piece in zip(pieces[1::2], pieces[2::2], strict=True):
        languages = (named or "").lower().replace("-", "_").split(",")
        yield tuple(name.strip() for name in languages if name.strip()), piece


def _best(spoken: Sequence[str]) -> str:
    for wanted in PREFERRED.get():
        language = wanted.lower().replace("-", "_")
        for same in (language, language.partition("_")[0]):
            for there in spoken:
                if same in {there, there.partition("_")[0]}:
                    return there
    return _OTHER if _OTHER in spoken else spoken[0]
