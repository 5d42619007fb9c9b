"""Text that attackers choose, made harmless to look at and to calculate with."""

from diag.core.inert import shortened, visible, visible_block

__all__ = ["csv_cell", "shortened", "visible", "visible_block"]

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""First characters that make a spreadsheet calculate a cell; the full-width forms count in some of them."""


def csv_cell(value: object) -> str:
    """A cell that no spreadsheet calculates: text that begins like a formula gets an apostrophe in front."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    text = str(value).encode("utf-8", "replace").decode("utf-8").replace("\x00", "")
    return f"'{text}" if text.lstrip(" \xa0").startswith(_FORMULA) or text.startswith(_FORMULA) else text
