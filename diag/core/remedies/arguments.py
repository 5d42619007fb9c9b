"""Arguments of remedies that need none."""

from msgspec import Struct


class NoArgs(Struct, frozen=True, forbid_unknown_fields=True):
    """For remedies without arguments: ``{remedy: disable_implicit_grant}``."""
