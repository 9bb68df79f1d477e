"""What the documentation names is there: files, classes, links and the imports of its picture."""

from __future__ import annotations

import re
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
ARCHITECTURE = ROOT / "docs" / "architecture.md"
# Superseded decisions tell how it was.
CURRENT = [path for path in DOCUMENTS if "**Superseded.**" not in path.read_text()]
PATH = re.compile(r"`([a-z][\w/.-]*(?:/|\.(?:py|toml|md|mjs|tcss)))`")
LINK = re.compile(r"\]\(([^)#\s]*)(?:#([^)\s]+))?\)")
# Files of a running server, or of the person who reads it.
ELSEWHERE = {"mongo/", "livequiz/config.toml"}


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


def anchors(document: Path) -> set[str]:
    """The anchors of a document's headings, as GitHub makes them."""
    found: list[str] = []
    for heading in re.findall(r"^#+ (.*)$", document.read_text(), re.MULTILINE):
        anchor = re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
        double = sum(re.sub(r"-\d+$", "", each) == anchor for each in found)
        found.append(f"{anchor}-{double}" if double and anchor in found else anchor)
    return set(found)


@pytest.mark.parametrize("document", CURRENT, ids=relative)
def test_every_file_that_a_document_names_is_there(document: Path) -> None:
    package = ROOT / "livequiz"
    places = [ROOT, package, package / "server", ROOT / "tests", ROOT / "tests" / "server"]
    named = set(PATH.findall(document.read_text())) - ELSEWHERE
    assert [n for n in sorted(named) if not any((p / n).exists() for p in places)] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=relative)
def test_every_link_of_a_document_leads_somewhere(document: Path) -> None:
    broken = []
    for target, anchor in LINK.findall(document.read_text()):
        if target.startswith("http"):
            continue
        path = document.parent / target if target else document
        if not path.exists() or (anchor and anchor not in anchors(path)):
            broken.append(f"{target}#{anchor}")
    assert broken == []


def test_every_class_that_the_architecture_names_is_there() -> None:
    code = "\n".join(path.read_text() for path in (ROOT / "livequiz").rglob("*.py"))
    named = set(re.findall(r"\b[A-Z][a-z]+(?:[A-Z]\w+)+\b", ARCHITECTURE.read_text()))
    named -= {"LiveQuiz", "MongoDB", "WebSockets"}
    assert {name for name in named if not re.search(rf"^class {name}\b", code, re.MULTILINE)} == (
        set()
    )


@pytest.mark.parametrize("root", ["livequiz", "livequiz.server"])
def test_the_picture_of_the_rooms_shows_the_imports_that_there_are(root: str) -> None:
    graph = grimp.build_graph("livequiz")
    rooms = {child.rpartition(".")[2]: child for child in graph.find_children(root)}
    picture = ARCHITECTURE.read_text().split("```mermaid")[1].split("```")[0]
    arrows = re.findall(r"^ +(\w+) --> (\w+)$", picture, re.MULTILINE)
    shown = {(a, b) for a, b in arrows if {a, b} <= rooms.keys()}
    real = {
        (a, b)
        for a in rooms.keys() - {"__main__"}
        for b in rooms.keys() - {a}
        if graph.direct_import_exists(importer=rooms[a], imported=rooms[b], as_packages=True)
    }
    assert shown - real == set()
    assert real - closed(shown) == set()


def closed(arrows: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """All pairs that are joined by one arrow or several."""
    while further := {(a, d) for a, b in arrows for c, d in arrows if b == c} - arrows:
        arrows = arrows | further
    return arrows
