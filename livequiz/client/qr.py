"""QR codes, as small as their text allows."""

from __future__ import annotations

from functools import lru_cache


@lru_cache(maxsize=64)  # projectors ask for the same one over and over
def qr_modules(text: str) -> list[str]:
    """Return the rows of a text's QR code, with `1` for each dark module, without a margin."""
    import segno  # noqa: PLC0415 - few programs show one

    found = segno.make(text, micro=False, error="l", boost_error=False)
    return ["".join(map(str, row)) for row in found.matrix_iter(border=0)]
