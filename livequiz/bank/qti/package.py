"""QTI's content packages: a zip with a manifest that says where the items are."""

from __future__ import annotations

import io
import posixpath
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator

from livequiz.bank.qti import manifest, names
from livequiz.bank.qti.reader import read_item
from livequiz.bank.reading import Item, Kind, Place, Problem
from livequiz.bank.xml_tree import Element, parse
from livequiz.domain.errors import Code, QuizError

LARGEST = 256 * 1024 * 1024  # bytes, of all files when they are unpacked
LARGEST_MANIFEST = 16 * 1024 * 1024  # bytes
LARGEST_ITEM = 4 * 1024 * 1024  # bytes
MOST_FILES = 50_000
# Questions shrink to a fortieth at most; a package that is mostly nothing is no bank.
LARGEST_RATIO = 250
SMALL = 16 * 1024 * 1024  # bytes: not worth a look at the ratio
TOO_LARGE = "This package is too large when unpacked: split it, or leave films and sounds out."
DAMAGED = "This package is damaged: export it again."
_BROKEN = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, RuntimeError,
           ValueError, KeyError, OverflowError)  # fmt: skip
_ITEM = re.compile(rb"<(?:[\w.-]{1,40}:)?(qti-assessment-item|assessmentItem)[\s/>]")
# ONYX and OPAL write it; it names the root and nothing else, so it is as safe as none.
_BARE_DOCTYPE = re.compile(rb"<!DOCTYPE[ \t\r\n]+[\w:.-]{1,80}[ \t\r\n]*>")
_START = 16 * 1024  # bytes: how far in an item's start is looked for


def read(content: bytes) -> Iterator[Item]:
    """Read questions from a package, or from an item by itself.

    Raises:
        QuizError: `bad_request` if it is neither, damaged, locked, or too large when unpacked.
    """
    if not content.startswith(b"PK"):
        yield from read_item(_parsed(content))
        return
    with _opened(content) as package:
        _weigh(package, len(content))
        yield from _items(package)


def _opened(content: bytes) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(io.BytesIO(content))
    except (*_BROKEN, NotImplementedError):
        raise QuizError(Code.BAD_REQUEST, DAMAGED) from None


def _unpacked(package: zipfile.ZipFile, path: str) -> bytes:
    try:
        return package.read(path)
    except (*_BROKEN, NotImplementedError):
        raise QuizError(Code.BAD_REQUEST, DAMAGED) from None


def _parsed(content: bytes) -> Element:
    if (bare := _BARE_DOCTYPE.search(content, 0, _START)) is not None:
        blank = re.sub(rb"[^\r\n]", b" ", bare[0])  # places stay as they are
        content = content[: bare.start()] + blank + content[bare.end() :]
    return names.plain(parse(content))


def _items(package: zipfile.ZipFile) -> Iterator[Item]:
    files = set(package.namelist())
    where = _manifest(package)
    if package.getinfo(where).file_size > LARGEST_MANIFEST:
        raise QuizError(Code.BAD_REQUEST, f"Its {manifest.NAME} is too large: split the package.")
    root = _parsed(_unpacked(package, where))
    seen: set[str] = set()
    named = False
    for resource in manifest.resources(root, posixpath.dirname(where)):
        named = True
        place = Place(resource.element.line, resource.element.column, member=where)
        if not resource.is_item:
            message = "This is QTI 1, which is not read here: export it as QTI 2.1 or 3.0."
            yield Problem(Kind.UNSUPPORTED, place, message, resource.path[:80])
        elif resource.path not in files:
            said = resource.path[:80] or "no file"
            message = f"The manifest names {said}, which is not in the package: export it again."
            yield Problem(Kind.WRONG, place, message)
        elif resource.path not in seen:
            # Named twice it is still one question, and is unpacked but once.
            seen.add(resource.path)
            yield from _item(package, resource)
    if not named and any(element.name == "resource" for element in root.walk()):
        message = f"Its {manifest.NAME} names no questions: export it as a QTI package."
        raise QuizError(Code.BAD_REQUEST, message)


def _manifest(package: zipfile.ZipFile) -> str:
    """Return where the manifest is: the outermost, if there are several."""
    found = [name for name in package.namelist() if posixpath.basename(name) == manifest.NAME]
    if not found:
        message = f"There is no {manifest.NAME} in this package: export it as a QTI package."
        raise QuizError(Code.BAD_REQUEST, message)
    return min(found, key=lambda name: (name.count("/"), name))


def _item(package: zipfile.ZipFile, resource: manifest.Resource) -> Iterator[Item]:
    place = Place(member=resource.path)
    if package.getinfo(resource.path).file_size > LARGEST_ITEM:
        yield Problem(Kind.WRONG, place, "This item is too large: shorten it.")
        return
    try:
        root = _parsed(_unpacked(package, resource.path))
        yield from read_item(root, resource.path, manifest.described(resource.element))
    except QuizError as error:
        yield Problem(Kind.WRONG, place, error.message)


def _weigh(package: zipfile.ZipFile, packed: int) -> None:
    """Refuse a package that says it would not fit, or that can't be unpacked.

    No file comes out longer than it is said to be, so what is said can be relied on.
    """
    files = package.infolist()
    size = sum(file.file_size for file in files)
    if len(files) > MOST_FILES or size > LARGEST:
        raise QuizError(Code.BAD_REQUEST, TOO_LARGE)
    if size > SMALL and size > packed * LARGEST_RATIO:
        raise QuizError(Code.BAD_REQUEST, TOO_LARGE)
    if any(file.flag_bits & 1 for file in files):
        message = "This package is locked with a password: export it without one."
        raise QuizError(Code.BAD_REQUEST, message)
    if any(f.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED} for f in files):
        message = "This package is compressed in an unusual way: pack it as an ordinary zip."
        raise QuizError(Code.BAD_REQUEST, message)


def is_qti(content: bytes, suffix: str) -> bool:
    """Return whether a file is an item, or a package with a manifest."""
    if content.startswith(b"PK"):
        return manifest.NAME.encode() in content
    return _kind(content) is not None


def is_qti3(content: bytes, suffix: str) -> bool:
    """Return whether a file is an item of QTI 3.0, or a package whose manifest names some."""
    if not content.startswith(b"PK"):
        return _kind(content) == b"qti-assessment-item"
    if manifest.NAME.encode() not in content:
        return False
    try:
        with _opened(content) as package, package.open(_manifest(package)) as file:
            return b"v3p0" in file.read(_START)
    except (*_BROKEN, NotImplementedError, QuizError):
        return False


def _kind(content: bytes) -> bytes | None:
    start = content[:_START].replace(b"\0", b"")  # as UTF-16 has them
    found = _ITEM.search(start)
    return found[1] if found else None
