"""What a package's manifest says: where the items are, and what they are about.

IMS Content Packaging 1.1.4 with the metadata of IEEE LOM:
https://www.imsglobal.org/question/qtiv2p1/imsqti_mdudv2p1.html
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from livequiz.bank import shared
from livequiz.bank.reading import tidy
from livequiz.bank.xml_tree import Element

NAME = "imsmanifest.xml"
_CANVAS = ".xml.qti"
_OURS = re.compile(r"item|qti.*xmlv")
_PARTS = re.compile(r"stimulus|template|outcomes|usagedata|processing|webcontent")
_SETTINGS = "assessment_meta.xml"  # Canvas'
_LEVELS = {"very easy": "easy", "difficult": "hard", "very difficult": "hard"}


@dataclass(frozen=True, slots=True)
class Resource:
    """A file of questions.

    Attributes:
        element: What names it.
        path: In the package; it is for the reader to see whether there is such a file.
        is_item: Whether it is said to be one item; else it may hold many, or name them.
    """

    element: Element
    path: str
    is_item: bool


def resources(root: Element, folder: str) -> Iterator[Resource]:
    """Yield the items that a manifest names, and what names or holds several.

    Args:
        root: The manifest.
        folder: Where in the package it stands.
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
                # Blackboard says the file in an attribute of its own, whatever the base is.
                said = element.attributes.get("file") or element.attributes.get("href", "")
                yield Resource(element, path_of(said, ""), is_item=False)
            elif "qti" in kind and _OURS.search(kind) and not _PARTS.search(kind):
                yield Resource(element, path_of(_href(element), own), "item" in kind)


def _of_canvas(element: Element) -> str | None:
    """Return Canvas' own form of a quiz, which has all types, among a resource's files."""
    files = [file.attributes.get("href", "") for file in element.all("file")]
    return next((href for href in files if href.endswith(_CANVAS)), None)


def canvas_twin(path: str) -> str | None:
    """Return where Canvas' own form of a quiz is, of which a cartridge has a poorer one."""
    folder, name = posixpath.split(path)
    twin = f"non_cc_assessments/{posixpath.basename(folder)}{_CANVAS}"
    root = posixpath.dirname(folder)
    return posixpath.join(root, twin) if name == "assessment_qti.xml" else None


def _href(element: Element) -> str:
    named = [element, *element.all("file")]
    given = [href for e in named if (href := e.attributes.get("href"))]
    return next((href for href in given if not href.endswith(_SETTINGS)), "".join(given[:1]))


def path_of(href: str, base: str) -> str:
    """Return where in a package an address leads; empty if there is none."""
    if not href:
        return ""
    path = unquote(href).replace("\\", "/")
    return posixpath.normpath(posixpath.join(base, path))


def described(resource: Element) -> dict[str, object]:
    """Return topics and difficulty from a resource's LOM: its keywords and its difficulty."""
    keywords: list[str] = []
    level = ""
    for element in resource.walk():
        if element.name == "keyword":
            # Each text in it is the same word in another language.
            keywords.append(next((text for e in element if (text := tidy(e.text))), ""))
        elif element.name == "difficulty":
            level = tidy((element.first("value") or element).text).lower()
            level = _LEVELS.get(level, level)
    fields = shared.topics_of((), keywords)
    return {**fields, **({"difficulty": level} if level in shared.LEVELS else {})}
