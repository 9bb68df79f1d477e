"""The card for students: a QR code and three lines on one page, as HTML."""

from __future__ import annotations

from html import escape
from string import Template

import segno

from livequiz.client.address import page_address

_CARD = Template("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>How to join $code</title>
<style>
@page { margin: 15mm; }
body { margin: 0; background: #fff; color: #000; text-align: center; }
body { font: 18pt/1.4 system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
h1 { font-size: 32pt; margin: 0 0 6mm; }
svg { width: 100mm; height: 100mm; }
ol { display: inline-block; max-width: 170mm; text-align: left; }
li { margin: 3mm 0; overflow-wrap: anywhere; }
.code { font-size: 28pt; letter-spacing: .1em; }
</style>
</head>
<body>
<h1>Join the class</h1>
$qr
<ol>
<li>Point your phone's camera at the square, or open <strong>$address</strong> in any browser.</li>
<li>The meeting code is <strong class="code">$code</strong>.</li>
<li>Type your id and your name, and press Join. Then wait for the first question.</li>
</ol>
</body>
</html>
""")


def join_card(url: str, meeting_id: str) -> str:
    """Return the card as an HTML page.

    Args:
        url: The server's address, as students reach it.
        meeting_id: The meeting's code.
    """
    address = page_address(url, meeting_id)
    qr = segno.make(address, micro=False, error="m").svg_inline(scale=8, border=2, omitsize=True)
    return _CARD.substitute(code=escape(meeting_id), address=escape(address), qr=qr)
