"""``kb/messages.txt``: what a message that names no code is recognised by. Digests of runs of words, no words."""

import re
from collections.abc import Collection, Sequence
from pathlib import Path

from diag.adapters.kb_files.problems import Problem
from diag.core.wordings import Message

MESSAGES = "messages.txt"
HEAD = """\
# By what a message is recognised that was pasted without its code: one line a message, the code and then six hex digits
# for each run of three words in it (diag/core/wordings.py). The words themselves are not ours, so they are not here.
# `diag kb message CODE` reads a message from standard input and prints its line.
"""
_LINE = re.compile(r"(?P<code>\d{4,9}) (?P<runs>(?:[0-9a-f]{6})+)")


def line_of(code: int, runs: Sequence[int]) -> str:
    """One line of the file."""
    return f"{code} {''.join(f'{run:06x}' for run in runs)}"


def read_messages(folder: Path, codes: Collection[int], found: list[Problem]) -> tuple[Message, ...]:
    """The folder's messages; none where it has no such file. A line that is not right is left out and noted."""
    path = folder / MESSAGES
    if not path.is_file():
        return ()
    messages: list[Message] = []
    shown = f"{folder.name}/{MESSAGES}"
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line or line.startswith("#"):
            continue
        match = _LINE.fullmatch(line)
        if match is None:
            problem = "is no line of `diag kb message`: a code, a blank, six hex digits for each run; print it anew"
            found.append(Problem(shown, number, problem))
        elif int(match["code"]) not in codes:
            problem = f"{match['code']} has no entry; write one with `diag kb new {match['code']}`, or drop the line"
            found.append(Problem(shown, number, problem))
        else:
            runs = match["runs"]
            digests = tuple(int(runs[at : at + 6], 16) for at in range(0, len(runs), 6))
            messages.append(Message(int(match["code"]), digests))
    return tuple(messages)
