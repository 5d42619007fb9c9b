"""Opaque continuation tokens and the links that carry them."""

import base64
import binascii
import hashlib
from typing import Any
from urllib.parse import quote

import msgspec

from diag.sample_tenant.graph_errors import GraphError
from diag.sample_tenant.minting import Mint


def seal(mint: Mint, payload: list[Any]) -> str:
    """Turns a payload into a token that nobody can read or make up."""
    plain = msgspec.msgpack.encode(payload)
    proof = hashlib.blake2b(plain, digest_size=12, key=mint.key).digest()
    return base64.urlsafe_b64encode(proof + _veil(mint, proof, plain)).rstrip(b"=").decode()


def unseal(mint: Mint, token: str, error: GraphError) -> list[Any]:
    """Reads a token back, or raises the error given."""
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except (binascii.Error, ValueError):
        raise error from None
    proof, plain = raw[:12], _veil(mint, raw[:12], raw[12:])
    if hashlib.blake2b(plain, digest_size=12, key=mint.key).digest() != proof:
        raise error
    payload: list[Any] = msgspec.msgpack.decode(plain)
    return payload


def _veil(mint: Mint, proof: bytes, text: bytes) -> bytes:
    stream = b""
    while len(stream) < len(text):
        stream += hashlib.blake2b(proof + len(stream).to_bytes(4, "big"), digest_size=64, key=mint.key).digest()
    return bytes(a ^ b for a, b in zip(text, stream, strict=False))


def link(url: str, options: dict[str, str]) -> str:
    """Writes a link with its query options."""
    return url + "?" + "&".join(f"{name}={quote(value, safe=chr(39) + '(),:$')}" for name, value in options.items())
