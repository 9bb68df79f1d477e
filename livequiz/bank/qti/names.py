"""QTI 3.0's names for what QTI 2.1 has: `qti-simple-choice` is `simpleChoice`."""

from __future__ import annotations

import re

from livequiz.bank.xml_tree import Element

_PREFIX = "qti-"


def plain(root: Element) -> Element:
    """Return a tree with the names of version 2.1, whichever it had."""
    for element in root.walk():
        if element.name.startswith(_PREFIX):
            element.name = _camel(element.name.removeprefix(_PREFIX))
        if any("-" in name for name in element.attributes):
            given = element.attributes.items()
            element.attributes = {_camel(name): value for name, value in given}
    return root


def kebab(name: str) -> str:
    """Return a name as version 3.0 writes it, without prefix."""
    return re.sub(r"[A-Z]", lambda found: "-" + found[0].lower(), name)


def _camel(name: str) -> str:
    return re.sub(r"-([a-z])", lambda found: found[1].upper(), name)
