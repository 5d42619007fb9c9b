"""``kb/messages.txt`` from the messages that were collected: ``python -m tests.kb.write_messages`` writes it anew."""

import json
import re
from pathlib import Path

from diag.adapters.kb_files.messages import HEAD, MESSAGES, line_of
from diag.core.wordings import digests

ROOT = Path(__file__).resolve().parents[2]
COLLECTED = ROOT.parent / "shared" / "facts" / "aadsts-codes.jsonl"
LEAST_RUNS = 2


def content(known: set[int]) -> str:
    """The whole file for the codes that have an entry."""
    lines: dict[str, None] = {}
    for text in COLLECTED.read_text(encoding="utf-8").splitlines():
        item = json.loads(text)
        for message in item["messages"] if item["code"] in known else ():
            own = re.sub(r"^AADSTS\d+:?\s*", "", message).partition("AADSTS")[0]
            # What a wrapper repeats of another code's message belongs to that code.
            runs = digests(own)
            if len(runs) >= LEAST_RUNS:
                lines[line_of(item["code"], runs)] = None
    return HEAD + "".join(f"{line}\n" for line in sorted(lines, key=lambda line: int(line.partition(" ")[0])))


if __name__ == "__main__":
    from diag.adapters.kb_files.store import open_knowledge_base

    codes = {line.code for line in open_knowledge_base().codes() if line.code is not None}
    (ROOT / "kb" / MESSAGES).write_text(content(codes), encoding="utf-8")
