"""An az that records its arguments, for running rendered scripts in a real bash."""

import os
import subprocess
from pathlib import Path

from tests.core.remedies.given import CALLS, NOTHING_READ, every_commands, facts, render

RECORDER = """#!/bin/sh
# Records its arguments, each ended by a NUL, and answers like a directory in which everything is there once.
for word in "$@"; do printf '%s\\0' "$word" >> "$AZ_LOG"; done
printf '\\n' >> "$AZ_LOG"
case "$*" in
  *"value[0].scope"*) echo "openid" ;;
  *--query*) echo "one" ;;
esac
"""

STAND_INS = {"az": RECORDER, "sleep": "#!/bin/sh\n"}


def install(folder: Path) -> Path:
    """The folder, now with the recording az and a sleep that does not wait."""
    for name, text in STAND_INS.items():
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    return folder


def run(script: str, stand_ins: Path, folder: Path) -> list[list[str]]:
    """Checks the script's syntax, runs it in ``folder``, and returns the arguments of each call of az."""
    log = folder / "log"
    log.write_bytes(b"")
    environment = os.environ | {"PATH": f"{stand_ins}:{os.environ['PATH']}", "AZ_LOG": str(log)}
    subprocess.run(["bash", "-n", "-c", script], check=True)
    subprocess.run(["bash", "-c", script], cwd=folder, env=environment, capture_output=True, check=False)
    return [call.decode().split("\0")[:-1] for call in log.read_bytes().split(b"\n") if call]


def every_call(folder: Path) -> list[list[str]]:
    """The arguments of every az command of every remedy, each once."""
    found: dict[tuple[str, ...], None] = {}
    (folder / "<public-certificate-file>").write_text("-----BEGIN CERTIFICATE-----\n")
    (folder / "bin").mkdir()
    stand_ins = install(folder / "bin")
    for remedy, args in CALLS:
        for given in (facts(), NOTHING_READ):
            for commands in every_commands(render(remedy, given, args)):
                if isinstance(commands.az, str):
                    found |= dict.fromkeys(tuple(call) for call in run(commands.az, stand_ins, folder))
    return [list(call) for call in found]
