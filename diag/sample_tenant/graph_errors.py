"""Errors in the shape in which Graph answers them."""

import msgspec


class GraphError(Exception):
    """An answer other than the one asked for."""

    def __init__(self, status: int, code: str, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message
        self.headers = headers or {}

    def body(self, request_id: str, client_request_id: str, date: str) -> bytes:
        """Writes the error with the ids of the request."""
        inner = {"date": date, "request-id": request_id, "client-request-id": client_request_id}
        return msgspec.json.encode({"error": {"code": self.code, "message": self.message, "innerError": inner}})


def not_found(object_id: str) -> GraphError:
    """Gives the answer for a directory object that does not exist."""
    text = f"Resource '{object_id}' does not exist or one of its queried reference-property objects are not present."
    return GraphError(404, "Request_ResourceNotFound", text)


def no_segment(segment: str) -> GraphError:
    """Gives the answer for a path that Graph does not know."""
    return GraphError(404, "BadRequest", f"Resource not found for the segment '{segment}'.")
