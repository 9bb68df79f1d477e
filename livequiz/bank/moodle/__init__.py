"""Moodle XML, Moodle's own format for questions (https://docs.moodle.org/en/Moodle_XML_format)."""

from __future__ import annotations

from livequiz.bank.format_type import Format
from livequiz.bank.moodle.reader import looks_like_moodle, read
from livequiz.bank.moodle.writer import write

MOODLE = Format("moodle", "Moodle XML", (".xml",), looks_like_moodle, read, write)
