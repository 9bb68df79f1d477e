"""Translates names between QTI 3.0 and QTI 2.1: `qti-simple-choice` is `simpleChoice`."""

from __future__ import annotations

import re

from livequiz.bank.xml_tree import Element

_PREFIX = "qti-"


def plain(root: Element) -> Element:
    """Rename a tree's elements and attributes in place to those of QTI 2.1, and return it."""
    for element in root.walk():
        if element.name.startswith(_PREFIX):
            element.name = _camel(element.name.removeprefix(_PREFIX))
        if any("-" in name for name in element.attributes):
            given = element.attributes.items()
            # HTML's `data-` attributes are no names of QTI: one can hold a picture's formula.
            element.attributes = {
                name if name.startswith("data-") else _camel(name): value for name, value in given
            }
    return root


def kebab(name: str) -> str:
    """Return a name as QTI 3.0 spells it, without the prefix."""
    return re.sub(r"[A-Z]", lambda found: "-" + found[0].lower(), name)


def _camel(name: str) -> str:
    return re.sub(r"-([a-z])", lambda found: found[1].upper(), name)
