"""Named questions about the facts, registered so that knowledge-base entries can ask them by name."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, TypeVar

from msgspec import Struct

from diag.core.facts import Facts
from diag.core.verdict import Verdict


class NoArgs(Struct, frozen=True, forbid_unknown_fields=True):
    """For predicates without arguments: ``{application.is_deleted: {}}``."""


A = TypeVar("A", bound=Struct)


class Predicate(Struct, frozen=True):
    """A registered question."""

    name: str
    """``subject.relation``, present tense, never negative."""
    needs: tuple[str, ...]
    """Facts it reads, as dotted paths of ``diag.core.facts``."""
    gives: Mapping[str, str]
    """Values that text and remedies of a cause may use, each with words that stand in while it is unknown."""
    args: type[Struct]
    ask: Callable[[Facts, Any], Verdict]

    @property
    def description(self) -> str:
        """The docstring, which is the predicate's public description."""
        return (self.ask.__doc__ or "").strip()


REGISTRY: dict[str, Predicate] = {}
"""Every predicate by name; filled by importing ``diag.core.predicates.every``."""


def named(name: str) -> Predicate:
    """The predicate of this name; ``KeyError`` when there is none. All are imported unless this one was already."""
    if name not in REGISTRY:
        import_module("diag.core.predicates.every")
    return REGISTRY[name]


def predicate(
    name: str,
    *,
    needs: tuple[str, ...],
    gives: Mapping[str, str] | None = None,
    args: type[A] = NoArgs,  # type: ignore[assignment]
) -> Callable[[Callable[[Facts, A], Verdict]], Callable[[Facts, A], Verdict]]:
    """Register the decorated function as the question ``name``; a name may be registered once."""

    def register(ask: Callable[[Facts, A], Verdict]) -> Callable[[Facts, A], Verdict]:
        if name in REGISTRY:
            raise ValueError(f"predicate {name} is registered twice")
        REGISTRY[name] = Predicate(name, needs, gives or {}, args, ask)
        return ask

    return register
