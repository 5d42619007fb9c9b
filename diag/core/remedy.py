"""Named changes to the directory, registered so that knowledge-base entries can prescribe them by name.

A remedy returns a ``Fix``: the same change for each tool, its effect, whom it affects, how to undo it and how to see
that it worked. It builds argument lists and values; only ``diag.core.remedies.quoting`` turns them into text.
"""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, Literal, TypeVar

from msgspec import UNSET, Struct, UnsetType, field

from diag.core.facts import Facts

Effect = Literal["adds", "changes", "widens", "removes"]
A = TypeVar("A", bound=Struct)


class Unavailable(Struct, frozen=True):
    """A tool that cannot make the change, or a form withheld because a fact it needs was not read."""

    unavailable: str


class GraphRequest(Struct, frozen=True):
    """One Microsoft Graph request; ``url`` is absolute, ``body`` is JSON or absent."""

    method: Literal["GET", "POST", "PATCH", "DELETE"]
    url: str
    body: Any | UnsetType = UNSET


class Commands(Struct, frozen=True, omit_defaults=False):
    """The same change in each tool. Text is ready to paste; a value we do not know is a ``<named-placeholder>``."""

    az: str | Unavailable
    graph: tuple[GraphRequest, ...] | Unavailable
    powershell: str | Unavailable
    bicep: str | Unavailable
    terraform: str | Unavailable
    portal: str


class Rollback(Struct, frozen=True):
    do: str
    commands: Commands | None = None


class Fix(Struct, frozen=True, kw_only=True):
    """One step that ends the failure."""

    do: str
    effect: Effect | None = None
    """None for text-only fixes in the client's own code or configuration."""
    before: tuple[str, ...] = ()
    """What to check or whom to ask first; never empty for an effect other than ``adds``."""
    commands: Commands | None = None
    caution: str = ""
    who: str = ""
    """The role or ownership that may make the change."""
    rollback: Rollback | None = None
    verify: str = ""
    snippets: Mapping[str, str] = field(default_factory=dict)
    """Short, correct client code by library, where the fix is in the client."""


class Remedy(Struct, frozen=True):
    name: str
    effect: Effect | None
    args: type[Struct]
    render: Callable[[Facts, Any], Fix]

    @property
    def description(self) -> str:
        """The docstring, which is the remedy's public description."""
        return (self.render.__doc__ or "").strip()


REGISTRY: dict[str, Remedy] = {}
"""Every remedy by name; filled by importing ``diag.core.remedies.every``."""


def named(name: str) -> Remedy:
    """The remedy of this name; ``KeyError`` when there is none. All are imported unless this one was already."""
    if name not in REGISTRY:
        import_module("diag.core.remedies.every")
    return REGISTRY[name]


def remedy(
    name: str, *, effect: Effect | None, args: type[A]
) -> Callable[[Callable[[Facts, A], Fix]], Callable[[Facts, A], Fix]]:
    """Register the decorated function as the remedy ``name``; a name may be registered once.

    Argument fields are strings from the entry, in which ``{value}`` is filled from what the cause's condition gives.
    """

    def register(render: Callable[[Facts, A], Fix]) -> Callable[[Facts, A], Fix]:
        if name in REGISTRY:
            raise ValueError(f"remedy {name} is registered twice")
        REGISTRY[name] = Remedy(name, effect, args, render)
        return render

    return register
