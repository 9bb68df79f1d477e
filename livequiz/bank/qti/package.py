"""Reads QTI content packages: zip files with a manifest that lists the items."""

from __future__ import annotations

import io
import posixpath
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import NamedTuple

from livequiz.bank.qti import manifest, names
from livequiz.bank.qti.reader import read_item
from livequiz.bank.qti1 import reader as qti1
from livequiz.bank.qti1.pool import read_pool
from livequiz.bank.reading import Item, Kind, Place, Problem
from livequiz.bank.xml_tree import Element, parse
from livequiz.domain.errors import Code, QuizError

LARGEST = 256 * 1024 * 1024  # bytes, all files unpacked
LARGEST_MANIFEST = 16 * 1024 * 1024  # bytes
LARGEST_ITEM = 4 * 1024 * 1024  # bytes
LARGEST_DOCUMENT = 16 * 1024 * 1024  # bytes, of a file with many items
MOST_FILES = 50_000
# Questions compress to a fortieth at best; a package far beyond that is a zip bomb.
LARGEST_RATIO = 250
SMALL = 16 * 1024 * 1024  # bytes, up to which the ratio isn't checked
TOO_LARGE = "This package is too large when unpacked: split it, or leave films and sounds out."
DAMAGED = "This package is damaged: export it again."
_BROKEN = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, RuntimeError,
           ValueError, KeyError, OverflowError)  # fmt: skip
_ITEM = re.compile(rb"<(?:[\w.-]{1,40}:)?(qti-assessment-item|assessmentItem)[\s/>]")
_FIRST = re.compile(rb"<(?:[\w.-]{1,40}:)?(questestinterop|POOL)[\s/>]")
_CANVAS = b"canvas.instructure.com/xsd/cccv1p0"
_TESTS = frozenset({"assessmentTest", "assessmentSection"})
_SPLIT = "file is too large: split it into several"
# Harmless: it only names the root element and perhaps a DTD, which is never fetched.
_NAME = rb"\"[^\"\[<>]{0,200}\"[ \t\r\n]*"
_BARE_DOCTYPE = re.compile(
    rb"<!DOCTYPE[ \t\r\n]+[\w:.-]{1,80}[ \t\r\n]*"
    rb"(?:(?:SYSTEM|PUBLIC[ \t\r\n]+" + _NAME + rb")[ \t\r\n]*" + _NAME + rb")?>"
)
_START = 16 * 1024  # bytes searched at the start of a file to recognize it


def read(content: bytes) -> Iterator[Item]:
    """Read questions from a package or a single XML file.

    Raises:
        QuizError: `bad_request` if it is neither, damaged, encrypted or too large when unpacked.
    """
    if not content.startswith(b"PK"):
        yield from _read(_parsed(content))
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
        blank = re.sub(rb"[^\r\n]", b" ", bare[0])  # keeps line and column numbers
        content = content[: bare.start()] + blank + content[bare.end() :]
    return names.plain(parse(content))


def _items(package: zipfile.ZipFile) -> Iterator[Item]:
    where = _manifest(package)
    if package.getinfo(where).file_size > LARGEST_MANIFEST:
        raise QuizError(Code.BAD_REQUEST, f"Its {manifest.NAME} is too large: split the package.")
    root = _parsed(_unpacked(package, where))
    files = _Files(package, where)
    for resource in manifest.resources(root, posixpath.dirname(where)):
        yield from files.read(resource)
    while files.tests:
        yield from files.named_by_test()
    if not files.named and any(element.name == "resource" for element in root.walk()):
        message = f"Its {manifest.NAME} names no questions: export it as a QTI package."
        raise QuizError(Code.BAD_REQUEST, message)


class _Files:
    """Reads the files that a package's manifest and tests refer to, each only once.

    Attributes:
        named: Whether the manifest refers to any.
        tests: Path and root of each test whose items haven't been read yet.
    """

    def __init__(self, package: zipfile.ZipFile, where: str) -> None:
        self.named = False
        self.tests: list[tuple[str, Element]] = []
        self._package = package
        self._there = set(package.namelist())
        self._where = where
        self._seen: set[str] = set()

    def read(self, resource: manifest.Resource) -> Iterator[Item]:
        """Read the items of a resource in the manifest."""
        self.named = True
        twin = manifest.canvas_twin(resource.path)
        path = twin if twin in self._there and twin else resource.path
        fields = manifest.described(resource.element)
        limit = LARGEST_ITEM if resource.is_item else LARGEST_DOCUMENT
        yield from self._file(path, Named(resource.element, self._where, fields, limit))

    def named_by_test(self) -> Iterator[Item]:
        """Read the items that the next test refers to."""
        where, root = self.tests.pop(0)
        for element in root.walk():
            if element.name in {"assessmentItemRef", "assessmentSectionRef"}:
                path = manifest.path_of(
                    element.attributes.get("href", ""), posixpath.dirname(where)
                )
                yield from self._file(path, Named(element, where, {}, LARGEST_ITEM))

    def _file(self, path: str, named: Named) -> Iterator[Item]:
        if path in self._seen:
            return
        self._seen.add(path)
        if path not in self._there:
            place = Place(named.element.line, named.element.column, member=named.where)
            said = path[:80] or "no file"
            what = "manifest" if named.where == self._where else "test"
            message = f"The {what} names {said}, which is not in the package: export it again."
            yield Problem(Kind.WRONG, place, message)
        elif self._package.getinfo(path).file_size > named.limit:
            what = "item is too large: shorten it" if named.limit == LARGEST_ITEM else _SPLIT
            yield Problem(Kind.WRONG, Place(member=path), f"This {what}.")
        else:
            try:
                root = _parsed(_unpacked(self._package, path))
                if root.name in _TESTS:
                    self.tests.append((path, root))
                else:
                    yield from _read(root, path, named.fields)
            except QuizError as error:
                yield Problem(Kind.WRONG, Place(member=path), error.message)


class Named(NamedTuple):
    """A reference to a file: a resource in the manifest, or an item reference in a test.

    Attributes:
        element: The element that refers to it.
        where: The path of the manifest or test.
        fields: The fields of `QuestionIn` in the resource's metadata.
        limit: The file's maximum size, in bytes.
    """

    element: Element
    where: str
    fields: dict[str, object]
    limit: int


def _read(
    root: Element, path: str | None = None, fields: dict[str, object] | None = None
) -> Iterator[Item]:
    """Read the items of a file in any version of QTI, or of a Blackboard pool."""
    if root.name in qti1.ROOTS:
        yield from qti1.read_document(root, path)
    elif root.name == "POOL":
        yield from read_pool(root, path)
    elif root.name == "quiz":
        message = "This is Canvas' assessment_meta.xml, which has the settings of a quiz and no "
        raise QuizError(Code.BAD_REQUEST, f"{message}questions: import the whole package (.zip).")
    else:
        yield from read_item(root, path, fields)


def _manifest(package: zipfile.ZipFile) -> str:
    """Return the manifest's path: that of the outermost, if there are several."""
    found = [name for name in package.namelist() if posixpath.basename(name) == manifest.NAME]
    if not found:
        message = f"There is no {manifest.NAME} in this package: export it as a QTI package."
        raise QuizError(Code.BAD_REQUEST, message)
    return min(found, key=lambda name: (name.count("/"), name))


def _weigh(package: zipfile.ZipFile, packed: int) -> None:
    """Refuse a package that is too large, encrypted or compressed in an unusual way.

    The declared sizes can be trusted: no file unpacks to more than its own.
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
    """Return whether a file is a QTI 2.1 or 3.0 item, or a package with a manifest."""
    if content.startswith(b"PK"):
        return manifest.NAME.encode() in content
    return _kind(content) is not None


def is_qti3(content: bytes, suffix: str) -> bool:
    """Return whether a file is a QTI 3.0 item, or a package whose manifest mentions QTI 3.0."""
    if not content.startswith(b"PK"):
        return _kind(content) == b"qti-assessment-item"
    return b"v3p0" in _manifest_of(content)[:_START]


def is_qti1(content: bytes, suffix: str) -> bool:
    """Return whether a file is QTI 1.2 or akin, or a package that lists only such files."""
    if not content.startswith(b"PK"):
        start = content[:_START].replace(b"\0", b"")
        return _FIRST.search(start) is not None or (b"<quiz" in start and _CANVAS in start)
    names = _manifest_of(content)
    older = b"qti_xmlv1" in names or b"x-bb-" in names or b".xml.qti" in names
    return older and not re.search(rb"item_?xmlv[23]", names)


def _manifest_of(content: bytes) -> bytes:
    """Return a package's manifest; empty if it has none or it can't be read."""
    if manifest.NAME.encode() not in content:
        return b""
    try:
        with _opened(content) as package, package.open(_manifest(package)) as file:
            return file.read(LARGEST_MANIFEST)
    except (*_BROKEN, NotImplementedError, QuizError):
        return b""


def _kind(content: bytes) -> bytes | None:
    start = content[:_START].replace(b"\0", b"")  # found in UTF-16
    found = _ITEM.search(start)
    return found[1] if found else None
