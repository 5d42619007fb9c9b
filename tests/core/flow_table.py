"""The table of flows as the knowledge base has it, for tests."""

from functools import cache

from diag.adapters.kb_files.loader import load
from diag.core.flows import FlowTable
from diag.resources import knowledge_base


@cache
def table() -> FlowTable:
    return load(knowledge_base()).flows
