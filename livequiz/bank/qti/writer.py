"""Writes QTI content packages: a manifest, and a file for each question."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from string import ascii_uppercase
from typing import cast
from xml.sax.saxutils import escape, quoteattr

from livequiz.bank.foreign_question import LEVELS, not_written, weights_of
from livequiz.bank.html_text import text_to_html
from livequiz.bank.qti.manifest import NAME as MANIFEST
from livequiz.bank.qti.names import kebab
from livequiz.bank.reading import Kind, Place, Problem, Writing, beginning
from livequiz.domain.key_wording import number_in_words
from livequiz.domain.model import Draft, Number, QuestionType, Scoring

_LACKS = ("time_limit", "source")
_V2 = "http://www.imsglobal.org/xsd/imsqti_v2p1"
_V3 = "http://www.imsglobal.org/xsd/imsqtiasi_v3p0"
_TEMPLATES = {
    2: "http://www.imsglobal.org/question/qti_v2p1/rptemplates/",
    3: "https://purl.imsglobal.org/spec/qti/v3p0/rptemplates/",
}
_PACKAGES = {
    2: ("http://www.imsglobal.org/xsd/imscp_v1p1", "QTIv2.1 Package", "1.0.0"),
    3: ("http://www.imsglobal.org/xsd/qti/qtiv3p0/imscp_v1p1", "QTI Package", "3.0.0"),
}
_LOM = "http://ltsc.ieee.org/xsd/LOM"
# https://www.w3.org/TR/xml/#charsets
_NO_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_WHEN = (1980, 1, 1, 0, 0, 0)  # fixed, so that the same questions make the same file

Tag = Callable[..., str]


def write(drafts: Sequence[Draft], version: int = 2) -> Writing:
    """Return questions as a QTI 2.1 content package, or QTI 3.0 if `version` is 3."""
    problems: list[Problem] = []
    resources: list[str] = []
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        for number, draft in enumerate(drafts, start=1):
            if draft.wildcards:
                message = "Left out: QTI has no wildcards; list the accepted texts."
                problems.append(Problem(Kind.UNSUPPORTED, Place(), message, beginning(draft.text)))
                continue
            problems += _lost(draft)
            name = f"q{number:05d}"
            _add(package, f"items/{name}.xml", _item(draft, name, version))
            resources.append(_resource(draft, name, version))
        _add(package, MANIFEST, _manifest(resources, version))
    return Writing(file.getvalue(), problems)


def _lost(draft: Draft) -> Iterator[Problem]:
    yield from not_written(draft, *_LACKS)
    texts = (draft.text, *draft.options, draft.explanation or "", *draft.topics, *_keys(draft))
    if any(_NO_XML.search(text) for text in texts):
        message = "Written without characters that XML has no place for."
        yield Problem(Kind.LOST, Place(), message, beginning(draft.text))


def _add(package: zipfile.ZipFile, name: str, text: str) -> None:
    info = zipfile.ZipInfo(name, _WHEN)
    info.compress_type = zipfile.ZIP_DEFLATED
    safe = _NO_XML.sub("\ufffd", text)
    package.writestr(info, f'<?xml version="1.0" encoding="UTF-8"?>\n{safe}\n')


def _tags(version: int) -> Tag:
    """Return a function that writes an element, with names as the version spells them."""

    def tag(name: str, *inside: str, **attributes: object) -> str:
        if version == 3:
            name = f"qti-{kebab(name)}"
        given = "".join(
            f" {kebab(key) if version == 3 else key}={quoteattr(str(value))}"
            for key, value in attributes.items()
        )
        return f"<{name}{given}>{''.join(inside)}</{name}>" if inside else f"<{name}{given}/>"

    return tag


def _item(draft: Draft, name: str, version: int) -> str:
    tag = _tags(version)
    title = beginning(draft.text.replace("\n", " "))
    parts = [
        _response(draft, tag),
        tag("outcomeDeclaration", _default(tag, "0"), identifier="SCORE", cardinality="single",
            baseType="float", normalMaximum=draft.points),
    ]  # fmt: skip
    if draft.explanation:
        # Set by default and never changed, so that the explanation follows every answer.
        parts.append(
            tag("outcomeDeclaration", _default(tag, "EXPLANATION"), identifier="FEEDBACK",
                cardinality="single", baseType="identifier")
        )  # fmt: skip
    parts.append(tag("itemBody", _xhtml(draft.text), _interaction(draft, tag)))
    parts.append(_processing(draft, tag, version))
    if draft.explanation:
        said = _xhtml(draft.explanation)
        inside = tag("contentBody", said) if version == 3 else said
        parts.append(
            tag("modalFeedback", inside, outcomeIdentifier="FEEDBACK", identifier="EXPLANATION",
                showHide="show")
        )  # fmt: skip
    item = tag("assessmentItem", *parts, identifier=name, title=title, adaptive="false",
               timeDependent="false")  # fmt: skip
    start = "<qti-assessment-item" if version == 3 else "<assessmentItem"
    return item.replace(start, f'{start} xmlns="{_V3 if version == 3 else _V2}"', 1)


def _default(tag: Tag, value: str) -> str:
    return tag("defaultValue", tag("value", value))


def _response(draft: Draft, tag: Tag) -> str:
    several = draft.type is QuestionType.MULTIPLE
    base = {QuestionType.NUMERIC: "float", QuestionType.SHORT_TEXT: "string"}
    inside = [tag("correctResponse", *(tag("value", value) for value in _right(draft)))]
    if _is_mapped(draft):
        case = {"caseSensitive": str(draft.case_sensitive).lower()}
        entries = [
            tag("mapEntry", mapKey=key, mappedValue=f"{weight * (draft.points or 1) / 100:.12g}",
                **(case if draft.type is QuestionType.SHORT_TEXT else {}))
            for key, weight in zip(_keys(draft), weights_of(draft), strict=True)
        ]  # fmt: skip
        bounds = {"lowerBound": "0", "upperBound": draft.points or 1, "defaultValue": "0"}
        inside.append(tag("mapping", *entries, **bounds))
    return tag(
        "responseDeclaration",
        *inside,
        identifier="RESPONSE",
        cardinality="multiple" if several else "single",
        baseType=base.get(draft.type, "identifier"),
    )


def _is_mapped(draft: Draft) -> bool:
    """Return whether a mapping sets the points; a single key doesn't need one."""
    if draft.type is QuestionType.MULTIPLE:
        return bool(draft.weights) or draft.scoring is Scoring.PARTIAL
    return draft.type is QuestionType.SHORT_TEXT or (bool(draft.options) and bool(draft.weights))


def _keys(draft: Draft) -> list[str]:
    if draft.type is QuestionType.SHORT_TEXT:
        return list(cast("tuple[str, ...]", draft.correct))
    if draft.type is QuestionType.TRUE_FALSE:
        return ["true", "false"]  # marks it as true/false, whatever its wording
    return list(ascii_uppercase[: len(draft.options)])


def _right(draft: Draft) -> list[str]:
    key = draft.correct
    if isinstance(key, int):
        return [_keys(draft)[key]]
    if draft.type is QuestionType.MULTIPLE:
        return [ascii_uppercase[place] for place in cast("tuple[int, ...]", key)]
    first = key[0]
    return [number_in_words(first.value) if isinstance(first, Number) else escape(str(first))]


def _interaction(draft: Draft, tag: Tag) -> str:
    if not draft.options:
        gap = tag("textEntryInteraction", responseIdentifier="RESPONSE", expectedLength=20)
        return f"<p>{gap}</p>"
    choices = [
        tag("simpleChoice", _xhtml(option), identifier=key)
        for key, option in zip(_keys(draft), draft.options, strict=True)
    ]
    most = 0 if draft.type is QuestionType.MULTIPLE else 1
    shuffle = str(draft.type is not QuestionType.TRUE_FALSE).lower()
    return tag(
        "choiceInteraction",
        *choices,
        responseIdentifier="RESPONSE",
        shuffle=shuffle,
        maxChoices=most,
    )


def _processing(draft: Draft, tag: Tag, version: int) -> str:
    if _is_mapped(draft):
        return tag("responseProcessing", template=f"{_TEMPLATES[version]}map_response")
    if draft.type is QuestionType.NUMERIC:
        return tag("responseProcessing", tag("responseCondition", *_comparisons(draft, tag)))
    if draft.points == 1:
        return tag("responseProcessing", template=f"{_TEMPLATES[version]}match_correct")
    match = tag("match", _variable(tag), tag("correct", identifier="RESPONSE"))
    scored = tag("responseIf", match, _score(tag, draft.points))
    return tag("responseProcessing", tag("responseCondition", scored))


def _comparisons(draft: Draft, tag: Tag) -> Iterator[str]:
    numbers = cast("tuple[Number, ...]", draft.correct)
    for place, (number, weight) in enumerate(zip(numbers, weights_of(draft), strict=True)):
        around = number_in_words(number.tolerance)
        value = tag("baseValue", number_in_words(number.value), baseType="float")
        mode = {"toleranceMode": "absolute", "tolerance": f"{around} {around}"}
        equal = tag("equal", _variable(tag), value, **mode)
        score = _score(tag, weight * (draft.points or 1) / 100)
        yield tag("responseElseIf" if place else "responseIf", equal, score)


def _variable(tag: Tag) -> str:
    return tag("variable", identifier="RESPONSE")


def _score(tag: Tag, points: float) -> str:
    value = tag("baseValue", f"{points:.12g}", baseType="float")
    return tag("setOutcomeValue", value, identifier="SCORE")


def _xhtml(text: str) -> str:
    return text_to_html(text).replace("&nbsp;", "&#160;").replace("<br>", "<br/>")


def _resource(draft: Draft, name: str, version: int) -> str:
    kind = "imsqti_item_xmlv3p0" if version == 3 else "imsqti_item_xmlv2p1"
    path = f"items/{name}.xml"
    return (
        f'<resource identifier="{name}" type="{kind}" href="{path}">{_metadata(draft)}'
        f'<file href="{path}"/></resource>'
    )


def _metadata(draft: Draft) -> str:
    keywords = "".join(
        f"<keyword><string>{escape(topic)}</string></keyword>" for topic in draft.topics
    )
    general = f"<general>{keywords}</general>" if keywords else ""
    level = draft.difficulty.value.replace("hard", "difficult") if draft.difficulty else ""
    educational = (
        f"<educational><difficulty><source>LOMv1.0</source><value>{level}</value></difficulty>"
        "</educational>"
        # Without one, a topic `easy` would be read as the difficulty.
        if level or any(topic.lower() in LEVELS for topic in draft.topics)
        else ""
    )
    if not general and not educational:
        return ""
    return f'<metadata><lom xmlns="{_LOM}">{general}{educational}</lom></metadata>'


def _manifest(resources: Sequence[str], version: int) -> str:
    namespace, schema, revision = _PACKAGES[version]
    return (
        f'<manifest xmlns="{namespace}" identifier="livequiz-bank">'
        f"<metadata><schema>{schema}</schema><schemaversion>{revision}</schemaversion></metadata>"
        f"<organizations/><resources>{''.join(resources)}</resources></manifest>"
    )
