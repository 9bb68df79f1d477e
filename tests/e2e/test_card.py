"""`livequiz card` writes what students need to join, on one page."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.chromium import chromium

A4 = {"width": 680, "height": 1010}  # pixels of CSS within the margins


def card(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "livequiz", "card", "--data-dir", str(folder), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)


async def test_a_card_has_the_address_and_the_code_on_one_page(tmp_path: Path) -> None:
    written = card("192.168.1.20", "-m", "k7qx4m", folder=tmp_path)
    assert written.returncode == 0, written.stderr
    file = tmp_path / "livequiz-card.html"
    async with chromium() as browser:
        page = await browser.new_page(viewport=A4)  # type: ignore[arg-type]
        await page.goto(file.as_uri())
        text = await page.inner_text("body")
        assert "http://192.168.1.20:5000/?m=K7QX4M" in text
        assert "The meeting code is K7QX4M." in text
        await page.locator("svg").wait_for()
        assert await page.evaluate("document.documentElement.scrollHeight") <= A4["height"]


def test_without_a_server_it_says_what_to_name(tmp_path: Path) -> None:
    told = card(folder=tmp_path)
    assert told.returncode == 1
    assert "livequiz card http://192.168.1.20:5000 --meeting K7QX4M" in told.stderr
    assert "Traceback" not in told.stderr


def test_a_name_that_is_markup_is_text(tmp_path: Path) -> None:
    card("192.168.1.20", "-m", "<b>", folder=tmp_path)
    assert "<b>" not in (tmp_path / "livequiz-card.html").read_text().lower()


def test_a_card_that_leads_nowhere_is_not_written(tmp_path: Path) -> None:
    told = card("127.0.0.1", "-m", "K7QX4M", folder=tmp_path)
    assert told.returncode == 1
    assert "livequiz serve --host 0.0.0.0" in told.stderr
    assert not list(tmp_path.glob("*.html"))
