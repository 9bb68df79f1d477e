"""QTI 1.2, 2.1 and 3.0: choice and text-entry interactions, in files and content packages.

https://www.imsglobal.org/question/qtiv2p1/imsqti_infov2p1.html and
https://www.imsglobal.org/spec/qti/v3p0/impl
"""

from __future__ import annotations

from functools import partial

from livequiz.bank.format_type import Format
from livequiz.bank.qti.package import is_qti, is_qti1, is_qti3, read
from livequiz.bank.qti.writer import write

QTI3 = Format(
    "qti3", "QTI 3.0", (".zip", ".xml"), is_qti3, read, partial(write, version=3), by_suffix=False
)
QTI1 = Format("qti1", "QTI 1.2", (".zip", ".imscc", ".xml", ".dat"), is_qti1, read)
QTI = Format("qti", "QTI 2.1", (".zip", ".xml"), is_qti, read, partial(write, version=2))
