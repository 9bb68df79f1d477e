"""Runs the command line as a program."""

from __future__ import annotations

import asyncio
import sys


async def livequiz(*arguments: object, code: int = 0, typed: str = "") -> tuple[str, str]:
    """Run a command; return its output and what it said.

    Args:
        arguments: The command and its arguments.
        code: The exit code that is expected.
        typed: What it reads from standard input.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "livequiz", *map(str, arguments)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate(typed.encode())
    assert process.returncode == code, (out.decode(), err.decode())
    assert b"Traceback" not in err
    return out.decode(), " ".join(err.decode().split())
