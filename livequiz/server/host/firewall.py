"""Which firewall runs on this machine, as far as anybody may look, and what opens a port in it."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path("/")


def opening_command(port: int, root: Path = ROOT, platform: str = sys.platform) -> str | None:
    """Return the command that opens a port in this machine's firewall; None if none is known.

    Args:
        port: The TCP port.
        root: Where the system's files are.
        platform: As `sys.platform`.
    """
    if platform == "win32":
        return (
            "netsh advfirewall firewall add rule name=LiveQuiz dir=in action=allow protocol=TCP "
            f"localport={port}"
        )
    if (root / "run/firewalld").exists():
        return f"sudo firewall-cmd --add-port={port}/tcp"
    try:
        enabled = "ENABLED=yes" in (root / "etc/ufw/ufw.conf").read_text()
    except OSError:
        return None
    return f"sudo ufw allow {port}/tcp" if enabled else None
