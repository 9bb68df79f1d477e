"""What the package imports is what it says that it needs: nothing may come by chance."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def declared() -> set[str]:
    """Return the names of all requirements, those of the extras too."""
    extras = PROJECT["optional-dependencies"].values()
    requirements = [*PROJECT["dependencies"], *(one for extra in extras for one in extra)]
    return {canonical(re.split(r"[^\w.-]", requirement)[0]) for requirement in requirements}


def imported(path: Path) -> set[str]:
    """Return the top-level modules that a file imports, wherever it does."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module)
    return {name.partition(".")[0] for name in names}


def test_every_import_is_a_declared_requirement() -> None:
    """A module that another requirement happened to bring was missing where that one did not."""
    from_where = packages_distributions()
    known = declared()
    modules = set().union(*map(imported, (ROOT / "livequiz").rglob("*.py")))
    others = modules - set(sys.stdlib_module_names) - {"livequiz"}
    assert len(others) > 10  # else this looks at nothing
    missing = {
        module
        for module in others
        if not known & set(map(canonical, from_where.get(module, [module])))
    }
    assert not missing
