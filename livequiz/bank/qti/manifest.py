"""A package's manifest: where the items are, and their topics and difficulty.

IMS Content Packaging 1.1.4 with IEEE LOM metadata:
https://www.imsglobal.org/question/qtiv2p1/imsqti_mdudv2p1.html
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from livequiz.bank import foreign_question
from livequiz.bank.reading import tidy
from livequiz.bank.xml_tree import Element

NAME = "imsmanifest.xml"
_CANVAS = ".xml.qti"
_OURS = re.compile(r"item|qti.*xmlv")
_PARTS = re.compile(r"stimulus|template|outcomes|usagedata|processing|webcontent")
_SETTINGS = "assessment_meta.xml"  # Canvas's settings of a quiz, no questions
_LEVELS = {"very easy": "easy", "difficult": "hard", "very difficult": "hard"}


@dataclass(frozen=True, slots=True)
class Resource:
    """A manifest's resource that is a file of questions.

    Attributes:
        element: The `<resource>` element.
        path: The file's path in the package; not checked to exist.
        is_item: Whether it is declared as a single item; if not, it may hold or refer to many.
    """

    element: Element
    path: str
    is_item: bool


def resources(root: Element, folder: str) -> Iterator[Resource]:
    """Yield a manifest's items, and the files that hold or refer to several.

    Args:
        root: The manifest.
        folder: Its folder in the package.
    """
    base = posixpath.join(folder, root.attributes.get("base", ""))
    for group in root.all("resources"):
        inner = posixpath.join(base, group.attributes.get("base", ""))
        for element in group.all("resource"):
            kind = element.attributes.get("type", "").lower()
            own = posixpath.join(inner, element.attributes.get("base", ""))
            if (canvas := _of_canvas(element)) is not None:
                yield Resource(element, path_of(canvas, own), is_item=False)
            elif "x-bb-qti" in kind or kind.endswith("x-bb-pool"):
                # Blackboard names the file in its own attribute and ignores the base.
                said = element.attributes.get("file") or element.attributes.get("href", "")
                yield Resource(element, path_of(said, ""), is_item=False)
            elif "qti" in kind and _OURS.search(kind) and not _PARTS.search(kind):
                yield Resource(element, path_of(_href(element), own), "item" in kind)


def _of_canvas(element: Element) -> str | None:
    """Return the resource's file in Canvas's own quiz format, which has all types, if any."""
    files = [file.attributes.get("href", "") for file in element.all("file")]
    return next((href for href in files if href.endswith(_CANVAS)), None)


def canvas_twin(path: str) -> str | None:
    """Return where Canvas puts its own, fuller version of a Common Cartridge quiz, if any."""
    folder, name = posixpath.split(path)
    twin = f"non_cc_assessments/{posixpath.basename(folder)}{_CANVAS}"
    root = posixpath.dirname(folder)
    return posixpath.join(root, twin) if name == "assessment_qti.xml" else None


def _href(element: Element) -> str:
    named = [element, *element.all("file")]
    given = [href for e in named if (href := e.attributes.get("href"))]
    return next((href for href in given if not href.endswith(_SETTINGS)), "".join(given[:1]))


def path_of(href: str, base: str) -> str:
    """Resolve an `href` to a path in the package; empty if there is no `href`."""
    if not href:
        return ""
    path = unquote(href).replace("\\", "/")
    return posixpath.normpath(posixpath.join(base, path))


def described(resource: Element) -> dict[str, object]:
    """Return topics (keywords) and difficulty from a resource's LOM metadata."""
    keywords: list[str] = []
    level = None
    for element in resource.walk():
        if element.name == "keyword":
            # A keyword may be given in several languages: take the first.
            keywords.append(next((text for e in element if (text := tidy(e.text))), ""))
        elif element.name == "difficulty":
            level = tidy((element.first("value") or element).text).lower()
            level = _LEVELS.get(level, level)
    if level in foreign_question.LEVELS or level == "":
        # The difficulty is given, if only as none: a keyword `easy` is a topic.
        topics = list(dict.fromkeys(filter(None, keywords)))
        return {"topics": topics, **({"difficulty": level} if level else {})}
    return foreign_question.topics_of((), keywords)
