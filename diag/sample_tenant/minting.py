"""Identifiers and choices that depend on nothing but the seed and a label.

Everything the sample tenant shows is derived from here, so that the same seed gives the same company on every
machine and in any order of asking.
"""

import base64
import hashlib
import string

_SECRET_LETTERS = string.ascii_letters + string.digits + "._-~"


def as_guid(sixteen: bytes) -> str:
    """Writes 16 bytes as a GUID in lower case."""
    text = sixteen.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


class Mint:
    """Makes the identifiers of one company."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.key = hashlib.blake2b(f"sample tenant {seed}".encode(), digest_size=32).digest()

    def digest(self, *label: object, size: int = 16) -> bytes:
        """Gives `size` bytes (at most 64) for a label."""
        text = "\x1f".join(map(str, label)).encode()
        return hashlib.blake2b(text, digest_size=size, key=self.key).digest()

    def guid(self, *label: object) -> str:
        """Gives the GUID for a label, with the version and variant bits of a random one."""
        raw = bytearray(self.digest(*label))
        raw[6] = raw[6] & 0x0F | 0x40
        raw[8] = raw[8] & 0x3F | 0x80
        return as_guid(bytes(raw))

    def number(self, below: int, *label: object) -> int:
        """Gives a whole number from 0 to `below` - 1."""
        return int.from_bytes(self.digest(*label, size=8), "big") % below

    def share(self, *label: object) -> float:
        """Gives a number from 0 up to but not including 1."""
        return int.from_bytes(self.digest(*label, size=7), "big") / (1 << 56)

    def thumbprint(self, *label: object) -> str:
        """Gives a certificate thumbprint: 40 upper-case hexadecimal digits."""
        return self.digest(*label, size=20).hex().upper()

    def secret(self, key_id: str) -> str:
        """Gives the secret value behind a key id, in the 40-character form that Entra ID generates."""
        raw = self.digest("secret", key_id, size=40)
        letters = "".join(_SECRET_LETTERS[byte % len(_SECRET_LETTERS)] for byte in raw)
        return letters[:3] + "8Q~" + letters[6:]

    def opaque(self, *label: object, size: int = 24) -> str:
        """Gives an identifier of the kind that directory links have: URL-safe base64 without padding."""
        return base64.urlsafe_b64encode(self.digest(*label, size=size)).rstrip(b"=").decode()
