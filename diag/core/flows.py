"""The table of flows: what one builds, which OAuth 2.0 flow fits it, how it is registered, and what is never used."""

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

from diag.core.entry import SourceLink
from diag.core.registration import Platform

Runs = Literal["server", "browser", "mobile", "desktop", "terminal", "device", "pipeline"]
Hosted = Literal["azure", "kubernetes", "other_cloud", "own_servers"]
System = Literal["github", "gitlab", "azure_devops", "other"]
Calls = Literal["graph", "own_api", "azure", "nothing"]
CredentialKind = Literal["managed_identity", "federated", "certificate", "secret"]
Told = str | bool
"""An answer: one of a question's words, or yes and no."""
Fits = Mapping[str, tuple[Told, ...]]
"""Question → the answers that are right here; a question that is absent does not matter."""


class Answers(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is known of a program; None: not known. Each field is the id of a question of the table."""

    runs: Runs | None = None
    """Where its code runs."""
    user: bool | None = None
    """Whether a person signs in to it."""
    on_behalf: bool | None = None
    """Whether it is an API that must call another API for the user who called it."""
    hosted: Hosted | None = None
    """Whose machines it runs on."""
    browser: bool | None = None
    """Whether the person has a browser on the machine where it runs."""
    keeps_secret: bool | None = None
    """Whether nobody but its operator can read what it stores."""
    system: System | None = None
    """The pipeline's system."""
    calls: Calls | None = None
    """The API it needs a token for."""

    def known(self) -> dict[str, Told]:
        """The answers that were given, by question."""
        given = {name: getattr(self, name) for name in self.__struct_fields__}
        return {name: value for name, value in given.items() if value is not None}


class Option(Struct, frozen=True, forbid_unknown_fields=True):
    value: Told
    label: str


class Question(Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    text: str
    options: tuple[Option, ...]
    why: str = ""
    """What the answer decides."""


class Source(SourceLink, frozen=True, forbid_unknown_fields=True):
    """A source as the table writes it: a misspelt key is refused."""


class Registration(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is created in the directory."""

    creates: Literal["application", "managed_identity"] = "application"
    platform: Platform | None = None
    """None: no redirect URI at all."""
    redirect_uris: tuple[str, ...] = ()
    """Each of our own making, with ``<placeholders>``."""
    public_client_flows: bool = False
    """isFallbackPublicClient: for flows that use no redirect URI."""
    exposes_scope: bool = False
    """It is an API: it gets an App ID URI and a scope."""


class Trust(Struct, frozen=True, forbid_unknown_fields=True):
    """Whose tokens are taken in place of a secret; ``<placeholders>`` for what only the operator knows."""

    issuer: str
    subject: str


class CredentialOption(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    kind: CredentialKind
    why: str
    fits: Fits = {}
    """Where it can be had."""
    trust: Trust | None = None
    """For a federated credential, and for a managed identity that stands in for an application's secret."""


class Request(Struct, frozen=True, forbid_unknown_fields=True):
    """What the client puts into ``scope``."""

    calls: tuple[Calls, ...]
    scope: str
    note: str = ""


class Pitfall(Struct, frozen=True, forbid_unknown_fields=True):
    code: int
    what: str
    """What usually was done when this code comes."""


class Flow(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    id: str
    building: str
    client: Literal["confidential", "public"]
    name: str
    """The flow's name."""
    grant: str
    """grant_type of the token request; empty where a library or the platform hides it."""
    why: str
    fits: Fits
    register: Registration
    credentials: tuple[CredentialOption, ...] = ()
    """Best first; empty for public clients, which have none."""
    request: tuple[Request, ...]
    goes_wrong: tuple[Pitfall, ...]
    sources: tuple[Source, ...]


class Never(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A way that is not to be used for anything new."""

    id: str
    name: str
    recognise: str
    """How one sees in code or registration that it is in use."""
    why: str
    instead: str
    flows: tuple[str, ...]
    """Ids of the flows that take its place."""
    goes_wrong: tuple[Pitfall, ...]
    sources: tuple[Source, ...]


class DeadEnd(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Answers for which no flow exists, and why."""

    id: str
    fits: Fits
    why: str
    instead: str


class FlowTable(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    flows: tuple[Flow, ...]
    never: tuple[Never, ...]
    dead_ends: tuple[DeadEnd, ...]
    questions: tuple[Question, ...]
    """In the order in which they are asked."""

    def flow(self, flow_id: str) -> Flow | None:
        return next((flow for flow in self.flows if flow.id == flow_id), None)

    def question(self, question_id: str) -> Question | None:
        return next((question for question in self.questions if question.id == question_id), None)


PARTS: Mapping[str, type[Struct]] = {
    "questions": Question,
    "options": Option,
    "flows": Flow,
    "never": Never,
    "dead_ends": DeadEnd,
    "register": Registration,
    "credentials": CredentialOption,
    "trust": Trust,
    "request": Request,
    "goes_wrong": Pitfall,
}
"""What the table's keys hold."""

EMPTY = FlowTable(flows=(), never=(), dead_ends=(), questions=())
"""Of a knowledge base that has no ``flows.yaml``."""


def contradicts(fits: Fits, known: Mapping[str, Told]) -> tuple[str, ...]:
    """The questions whose given answer is none of those that fit, in the order of ``fits``."""
    return tuple(name for name, right in fits.items() if name in known and known[name] not in right)
