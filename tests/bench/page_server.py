"""A Graph that answers at once: the sign-in log of one tenant, made from one page of records, and a token.

Run as a child process: `python -m tests.bench.page_server RECORDS`; prints its address. Nothing is looked up or
written: what is measured is the program that reads.
"""

import asyncio
import hashlib
import json
import re
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

PAGE = 1000
DAYS = 29
APPLICATIONS = 500
_PLACES = re.compile(
    "(00000000-1111-2222-3333-444444444444|00000000-1111-2222-3333-555555555555|00000000-1111-2222-3333-666666666666"
    "|2026-01-01T00:00:00Z)"
)
"""What differs from record to record in the example: its id, correlation, application and instant."""
EXAMPLE = Path(__file__).with_name("sign_in.json")
_BOUND = re.compile(r"createdDateTime (ge|le) (\S+)")


def spread(number: int) -> str:
    """A GUID for a number, as random as real ones, so that an index is filled all over."""
    digest = hashlib.blake2b(number.to_bytes(8, "big"), digest_size=16).hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-{digest[12:16]}-{digest[16:20]}-{digest[20:]}"


class Log:
    """``records`` failures, evenly over the last weeks, newest first; record n is the same whenever it is asked for."""

    def __init__(self, records: int) -> None:
        self.records = records
        self.newest = datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=5)
        self.every = timedelta(days=DAYS) / records
        record = json.dumps(json.loads(EXAMPLE.read_text()), separators=(",", ":"))
        form = record.replace("%", "%%")
        for place, name in zip(dict.fromkeys(_PLACES.findall(form)), ("id", "at", "app", "correlation"), strict=True):
            form = form.replace(place, f"%({name})s")
        self._form = form

    def span(self, filter_: str) -> range:
        """The numbers of the records that the filter asks for."""
        if "servicePrincipal" not in filter_ or "eq 0" in filter_:
            return range(0)
        bounds = {name: datetime.fromisoformat(value) for name, value in _BOUND.findall(filter_)}
        first = max(0, -((bounds["le"] - self.newest) // self.every))
        last = (self.newest - bounds["ge"]) // self.every
        return range(first, max(first, min(last + 1, self.records)))

    def page(self, numbers: range, next_link: str | None) -> bytes:
        """A page of the log as Graph writes it."""
        parts = []
        for number in numbers:
            at = self.newest - number * self.every
            known = {
                "id": spread(number),
                "at": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
                "app": f"{number % APPLICATIONS:08x}-1111-4222-8333-666666666666",
                "correlation": f"{number:08x}-1111-4222-8333-555555555555",
            }
            parts.append(self._form % known)
        link = f',"@odata.nextLink":{json.dumps(next_link)}' if next_link else ""
        return f'{{"@odata.context":"x"{link},"value":[{",".join(parts)}]}}'.encode()


class Server:
    def __init__(self, log: Log) -> None:
        self._log = log

    async def serve(self) -> None:
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        print(f"http://127.0.0.1:{port}", flush=True)
        async with server:
            await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while request := await reader.readuntil(b"\r\n\r\n"):
                length = re.search(rb"(?i)content-length: (\d+)", request)
                if length:
                    await reader.readexactly(int(length[1]))
                body = self._answer(request.split(b" ", 2)[1].decode(), request)
                head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
                writer.write(head.encode())
                writer.write(body)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def _answer(self, target: str, request: bytes) -> bytes:
        if target.endswith("/token"):
            return b'{"token_type":"Bearer","access_token":"x.eyJyb2xlcyI6W119.y","expires_in":86400}'
        host = re.search(rb"(?i)host: (\S+)", request)
        asked = parse_qs(urlsplit(target).query)
        given = asked.get("$filter", [""])[0]
        numbers = self._log.span(given)
        skip = int(asked.get("$skiptoken", ["0"])[0])
        part = numbers[skip : skip + int(asked.get("$top", [str(PAGE)])[0])]
        link = None
        if skip + len(part) < len(numbers) and host:
            path = urlsplit(target).path
            link = f"http://{host[1].decode()}{path}?$filter={quote(given)}&$top={PAGE}&$skiptoken={skip + len(part)}"
        return self._log.page(part, link)


if __name__ == "__main__":
    asyncio.run(Server(Log(int(sys.argv[1]))).serve())
