"""GIFT, Moodle's text format for questions (https://docs.moodle.org/en/GIFT_format)."""

from __future__ import annotations

from livequiz.bank.format_type import Format
from livequiz.bank.gift.blocks import looks_like_gift
from livequiz.bank.gift.reader import read
from livequiz.bank.gift.writer import write

GIFT = Format("gift", "GIFT (Moodle)", (".gift",), looks_like_gift, read, write)
