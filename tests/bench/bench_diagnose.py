"""A diagnosis in process, and loading the knowledge base from its compiled form."""

import json
import statistics
import time
from pathlib import Path

from diag import resources
from diag.adapters.graph.wire.request import enquiry
from diag.adapters.kb_files.store import open_knowledge_base
from diag.core.errors import BadInput
from diag.workflows.diagnose import answer

ROUNDS = 10


def bench_diagnose(shared: Path) -> None:
    knowledge_base = open_knowledge_base(resources.knowledge_base())
    cases = (shared / "cases" / "cases.jsonl").read_text(encoding="utf-8").splitlines()
    enquiries = [enquiry(json.loads(line)["request_object"]) for line in cases]
    times = []
    for number in range(ROUNDS + 1):
        for asked in enquiries:
            started = time.perf_counter()
            try:
                answer(asked, knowledge_base)
            except BadInput:
                continue
            if number:
                times.append((time.perf_counter() - started) * 1000)
    times.sort()
    at_99 = times[int(len(times) * 0.99)]
    print(f"\na diagnosis        median {statistics.median(times):.2f} ms, 99th percentile {at_99:.2f} ms")


def bench_loading() -> None:
    open_knowledge_base(resources.knowledge_base())
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        knowledge_base = open_knowledge_base(resources.knowledge_base())
        for line in knowledge_base.codes():
            knowledge_base.entry(line.code or 0)
        times.append((time.perf_counter() - started) * 1000)
    count = len(knowledge_base.codes())
    print(f"\nthe whole base     median {statistics.median(times):.0f} ms for {count} codes, every entry decoded")
