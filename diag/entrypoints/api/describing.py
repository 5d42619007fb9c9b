"""How an operation describes its answers in ``openapi.json``: a schema by name, an example, and problems."""

from typing import Any

PROBLEM = {
    "description": "What went wrong and what to do, by RFC 9457.",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


NULL = "\N{EMPTY SET}null"
"""Stands for null in an example: FastAPI leaves out nulls when it writes its description."""


def kept(value: Any) -> Any:
    """An example with its nulls marked, so that they survive."""
    return _with(value, None, NULL)


def restored(value: Any) -> Any:
    """The example as it was before ``kept``."""
    return _with(value, NULL, None)


def answers(
    what: str,
    *,
    example: Any,
    schema: str = "",
    listed: bool = False,
    status: int = 200,
    media_type: str = "application/json",
    also: dict[int, str] | None = None,
) -> dict[int | str, dict[str, Any]]:
    """FastAPI's ``responses``; ``schema`` names a component, ``listed`` a page of such items."""
    described: dict[str, Any] = {"type": "string" if media_type.startswith("text/") else "object"}
    if schema:
        described = {"$ref": f"#/components/schemas/{schema}"}
    if listed:
        described = {
            "type": "object",
            "required": ["value"],
            "properties": {
                "value": {"type": "array", "items": described},
                "nextLink": {
                    "type": "string",
                    "format": "uri",
                    "description": "Leads to the next page; absent at the end.",
                },
            },
        }
        example = {"value": [example]}
    return {
        status: {"description": what, "content": {media_type: {"schema": described, "example": kept(example)}}},
        **{code: {"description": said} for code, said in (also or {}).items()},
        "default": PROBLEM,
    }


def _with(value: Any, old: Any, new: Any) -> Any:
    if isinstance(value, dict):
        return {name: _with(inner, old, new) for name, inner in value.items()}
    if isinstance(value, list):
        return [_with(inner, old, new) for inner in value]
    return new if value == old else value
