"""YAML without surprises: `no` is a string, and only plain values are constructed.

PyYAML reads YAML 1.1, in which `no` is false and `1:30` is ninety. Here, only what YAML 1.2's core
schema reads as a number, boolean or null is one (https://yaml.org/spec/1.2.2/#103-core-schema).
Aliases are refused and tags construct no objects: they can make small files huge, and run code.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

from livequiz.domain.errors import Code, QuizError

DEEPEST = 20  # levels of nested lists and mappings
_TOO_DEEP = f"lists and mappings are more than {DEEPEST} deep"
LONGEST_NUMBER = 40  # characters
_TAG = "tag:yaml.org,2002:"
_Reader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_Writer: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_CORE = {
    f"{_TAG}bool": re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"),
    f"{_TAG}int": re.compile(r"^[-+]?[0-9]+$"),
    f"{_TAG}float": re.compile(r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$"),
    f"{_TAG}null": re.compile(r"^(?:~|null|Null|NULL|)$"),
}


class _Loader(_Reader):  # type: ignore[misc]
    yaml_implicit_resolvers: dict[Any, Any] = {}  # noqa: RUF012 - PyYAML's interface


class _Dumper(_Writer):  # type: ignore[misc]
    yaml_implicit_resolvers: dict[Any, Any] = {}  # noqa: RUF012

    def ignore_aliases(self, data: object) -> bool:
        return True


for tag, pattern in _CORE.items():
    for kind in (_Loader, _Dumper):
        kind.add_implicit_resolver(tag, pattern, None)


def load(content: bytes, texts: frozenset[str] = frozenset()) -> tuple[Any, list[tuple[int, int]]]:
    """Read one document.

    Args:
        content: The document, in UTF-8.
        texts: Fields whose scalars, also in lists, are always strings: `[1.50, no]`.

    Returns:
        The value, and the 1-based line and column of each entry of its list (the document itself,
        or its `questions`).

    Raises:
        QuizError: `bad_request` if it can't be used, with line and column where known.
    """
    try:
        text = content.decode()
        _check_depth(text)
        root = yaml.compose(text, Loader=_Loader)
        value = None if root is None else _Values(texts).of(root)
    except UnicodeDecodeError:
        raise QuizError(Code.BAD_REQUEST, "This is not UTF-8 text.") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        reason = error.problem or error.context or "it can't be read"
        if "mapping values are not allowed" in reason:
            reason = "a text with a colon in it has to stand in quotes"
        raise _refusal(reason, mark) from None
    except yaml.YAMLError as error:
        raise _refusal(str(error).splitlines()[0], None) from None
    return value, [_place(node.start_mark) for node in _entries(root)]


def dump(value: object) -> bytes:
    """Write a value in UTF-8, with fields in order and multi-line strings as block scalars."""
    text: str = yaml.dump(value, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=100)
    return text.encode()


def _check_depth(text: str) -> None:
    """Refuse deep nesting before PyYAML composes it: its C stack is limited."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEEPEST:
                raise _refusal(_TOO_DEEP, event.start_mark)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


class _Values:
    """Converts nodes to plain values; refuses aliases, which make a node appear again."""

    def __init__(self, texts: frozenset[str]) -> None:
        self._texts = texts
        self._seen: set[int] = set()

    def of(self, node: yaml.Node, *, as_text: bool = False) -> Any:
        if id(node) in self._seen:
            raise _refusal("write out what an alias (`*name`) stands for", node.start_mark)
        self._seen.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            return [self.of(child, as_text=as_text) for child in node.value]
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node)
        return _scalar(node, as_text=as_text)

    def _mapping(self, node: yaml.MappingNode) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, value in node.value:
            if not isinstance(name, yaml.ScalarNode):
                raise _refusal("a field's name is a text", name.start_mark)
            if name.value in found:
                raise _refusal(f"the field `{name.value}` is there twice", name.start_mark)
            found[name.value] = self.of(value, as_text=name.value in self._texts)
        return found


def _scalar(node: yaml.Node, *, as_text: bool) -> Any:
    core = _CORE.get(node.tag)
    if core is not None and not core.fullmatch(node.value):  # by an explicit tag: `!!bool yes`
        kind = node.tag.removeprefix(_TAG)
        raise _refusal(f"`{node.value[:40]}` is not the {kind} that its tag says", node.start_mark)
    match node.tag.removeprefix(_TAG):
        case "null":
            return None
        case "str":
            return node.value
        case "bool" | "int" | "float" if as_text:
            return node.value
        case "bool":
            return node.value.lower() == "true"
        case "int" if len(node.value) <= LONGEST_NUMBER:
            return int(node.value)
        case "float" if len(node.value) <= LONGEST_NUMBER:
            return float(node.value)
        case _:
            raise _refusal(f"`{node.value[:40]}` is not text or a number", node.start_mark)


def _entries(root: yaml.Node | None) -> list[yaml.Node]:
    if isinstance(root, yaml.MappingNode):
        root = next((value for name, value in root.value if name.value == "questions"), None)
    return list(root.value) if isinstance(root, yaml.SequenceNode) else []


def _place(mark: Any) -> tuple[int, int]:
    return mark.line + 1, mark.column + 1


def _refusal(reason: str, mark: Any) -> QuizError:
    where = " at line {}, column {}".format(*_place(mark)) if mark else ""
    return QuizError(Code.BAD_REQUEST, f"This YAML can't be used: {reason}{where}.")


def _block(dumper: Any, text: str) -> Any:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar(f"{_TAG}str", text, style=style)


_Dumper.add_representer(str, _block)
