"""QTI's content packages: a zip with a manifest that says where the items are."""

from __future__ import annotations

import io
import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from urllib.parse import unquote

from livequiz.bank.qti import names
from livequiz.bank.qti.reader import read_item
from livequiz.bank.reading import Item, Kind, Place, Problem
from livequiz.bank.xml_tree import Element, parse
from livequiz.domain.errors import Code, QuizError

MANIFEST = "imsmanifest.xml"
LARGEST = 256 * 1024 * 1024  # bytes, of all files when they are unpacked
LARGEST_ITEM = 4 * 1024 * 1024  # bytes
MOST_FILES = 50_000
DAMAGED = "This package is damaged: export it again."
_BROKEN = (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError, RuntimeError)


def read(content: bytes) -> Iterator[Item]:
    """Read questions from a package, or from an item by itself.

    Raises:
        QuizError: `bad_request` if it is neither, damaged, locked, or too large when unpacked.
    """
    if not content.startswith(b"PK"):
        yield from read_item(names.plain(parse(content)))
        return
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            _weigh(package)
            yield from _items(package)
    except (*_BROKEN, ValueError, KeyError):
        raise QuizError(Code.BAD_REQUEST, DAMAGED) from None


def _items(package: zipfile.ZipFile) -> Iterator[Item]:
    files = set(package.namelist())
    manifest = next((name for name in files if posixpath.basename(name) == MANIFEST), None)
    if manifest is None:
        message = f"There is no {MANIFEST} in this package: export it as a QTI content package."
        raise QuizError(Code.BAD_REQUEST, message)
    root = names.plain(parse(package.read(manifest)))
    folder = posixpath.dirname(manifest)
    for resource in (element for element in root.walk() if element.name == "resource"):
        if "item" not in resource.attributes.get("type", ""):
            continue
        href = unquote(resource.attributes.get("href", ""))
        path = posixpath.normpath(posixpath.join(folder, href))
        if not href or path not in files:
            message = f"The manifest names {href[:80] or 'no file'}, which is not in the package."
            place = Place(resource.line, resource.column, member=manifest)
            yield Problem(Kind.WRONG, place, message)
            continue
        yield from _item(package, path, resource)


def _item(package: zipfile.ZipFile, path: str, resource: Element) -> Iterator[Item]:
    if package.getinfo(path).file_size > LARGEST_ITEM:
        yield Problem(Kind.WRONG, Place(member=path), "This item is too large: shorten it.")
        return
    try:
        root = names.plain(parse(package.read(path)))
        yield from read_item(root, path, resource)
    except QuizError as error:
        yield Problem(Kind.WRONG, Place(member=path), error.message)


def _weigh(package: zipfile.ZipFile) -> None:
    files = package.infolist()
    if len(files) > MOST_FILES or sum(file.file_size for file in files) > LARGEST:
        raise QuizError(Code.BAD_REQUEST, "This package is too large when unpacked: split it.")
    if any(file.flag_bits & 1 for file in files):
        message = "This package is locked with a password: export it without one."
        raise QuizError(Code.BAD_REQUEST, message)


def is_qti(content: bytes, suffix: str) -> bool:
    """Return whether a file is an item, or a package with a manifest."""
    if content.startswith(b"PK"):
        return MANIFEST.encode() in content
    start = content[:4_096]
    return b"<assessmentItem" in start or b"<qti-assessment-item" in start


def is_qti3(content: bytes, suffix: str) -> bool:
    """Return whether a file is an item of QTI 3.0; packages are told by `is_qti`."""
    return b"<qti-assessment-item" in content[:4_096]
