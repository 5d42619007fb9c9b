"""What a configured client secret looks like. Its value goes no further than this function."""

import re

from diag.core.sign_in import SecretShape

_GUID = re.compile(r"\{?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\}?", re.IGNORECASE)
_REFERENCE = re.compile(
    r"@Microsoft\.(?:KeyVault|AppConfiguration)\(.*\)|\$\{\{?.*\}|\$\(.*\)|\$[A-Za-z_]\w*|%[A-Za-z_]\w*%|#\{.*\}#|"
    r"(?:op|vault|secretref|akvs|arn|file|env|keyvault)(?:://|:).+|https://[\w-]+\.vault\.azure\.\w+/.*",
    re.IGNORECASE | re.DOTALL,
)
_PLACEHOLDER = re.compile(
    r"<.*>|\[.*\]|\{.*\}|x{3,}|\*{3,}|\.{3,}|-+|change-?me|todo|tbd|dummy|test|none|null|undefined|secret|password|"
    r"(?:enter|insert|put|your|my|the|add|paste|replace)[\s_-].*|.*(?:client|app)[\s_-]?secret.*|.*_here",
    re.IGNORECASE | re.DOTALL,
)
_USUAL = re.compile(r"[A-Za-z0-9_~.\-]*")


def shape_of(secret: str) -> SecretShape:
    """Kind, length in characters, the three first characters (as the directory shows them) and whether it holds
    characters that need encoding in a form body. The hint is left out where three characters would be half of it."""
    if _GUID.fullmatch(secret.strip()):
        kind = "guid"
    elif _REFERENCE.fullmatch(secret.strip()):
        kind = "reference"
    elif not secret.strip() or _PLACEHOLDER.fullmatch(secret.strip()):
        kind = "placeholder"
    else:
        kind = "opaque"
    hint = secret[:3] if len(secret) >= 12 else None
    return SecretShape(kind, len(secret), hint, _USUAL.fullmatch(secret) is None)
