"""The address that students get is one that they can reach, wherever it is shown."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from livequiz.client.instructor import InstructorSession
from livequiz.server.host.addresses import network_addresses
from livequiz.server.host.firewall import opening_command
from tests.e2e.test_command_line import Server, assert_is_one_sentence, livequiz


def test_the_doctor_says_that_only_this_machine_is_reached(tmp_path: Path) -> None:
    server = Server(tmp_path / "data", "--port", "0")
    told = livequiz("doctor", "--data-dir", str(tmp_path / "data"))
    server.stop()
    assert_is_one_sentence(told, "127.0.0.1 only", "livequiz serve --host 0.0.0.0")


def test_all_addresses_are_listed_and_tried(tmp_path: Path) -> None:
    found = network_addresses()
    if not found:
        pytest.skip("this machine has no network")
    server = Server(tmp_path / "data", "--host", "0.0.0.0", "--port", "0")  # noqa: S104
    told = livequiz("doctor", "--data-dir", str(tmp_path / "data"))
    running = json.loads((server.folder / "server.json").read_text())
    card = tmp_path / "card.html"
    livequiz("card", "--data-dir", str(tmp_path / "data"), "-o", str(card))
    out, _ = server.stop()
    assert running["students_url"] in card.read_text()
    assert "127.0.0.1" not in card.read_text()
    assert told.returncode == 0, told.stderr
    port = running["url"].rpartition(":")[2]
    for host in found:
        assert f"http://{host}:{port}/?m={running['meeting']}" in told.stdout
        assert f"http://{host}:{port}/?m={running['meeting']}" in out
    assert "Open one of these on a phone" in told.stdout


def test_the_doctor_says_that_no_server_runs(tmp_path: Path) -> None:
    assert_is_one_sentence(livequiz("doctor", "--data-dir", str(tmp_path)), "No server runs")


def test_a_firewall_is_known_by_its_files(tmp_path: Path) -> None:
    assert opening_command(5000, tmp_path, "linux") is None
    (tmp_path / "etc/ufw").mkdir(parents=True)
    config = tmp_path / "etc/ufw/ufw.conf"
    config.write_text("ENABLED=no\n")
    assert opening_command(5000, tmp_path, "linux") is None
    config.write_text("# on\nENABLED=yes\n")
    assert opening_command(5000, tmp_path, "linux") == "sudo ufw allow 5000/tcp"
    (tmp_path / "run/firewalld").mkdir(parents=True)
    assert opening_command(5000, tmp_path, "linux") == "sudo firewall-cmd --add-port=5000/tcp"
    assert "localport=5000" in (opening_command(5000, tmp_path, "win32") or "")


async def test_a_dashboard_on_the_servers_machine_learns_the_address_for_students(
    tmp_path: Path,
) -> None:
    server = Server(tmp_path / "data", "--port", "0")
    try:
        running = json.loads((server.folder / "server.json").read_text())
        session = InstructorSession(server.url)
        await session.open()
        token = (server.folder / "instructor-token").read_text().strip()
        snapshot = await session.join("teacher", running["meeting"], token)
        await session.close()
        assert snapshot.address == running["students_url"]
    finally:
        server.stop()
