"""How an operation describes its answers in ``openapi.json``: a schema by name, an example, and problems."""

from typing import Any

PROBLEM = {
    "description": "What went wrong and what to do, by RFC 9457.",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


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
        status: {"description": what, "content": {media_type: {"schema": described, "example": example}}},
        **{code: {"description": said} for code, said in (also or {}).items()},
        "default": PROBLEM,
    }
