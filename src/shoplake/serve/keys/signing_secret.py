"""The secret that signs cursors and links: random, made at the first start, readable only by its owner."""

import os
import secrets
from pathlib import Path

BYTES = 32
OWNER_ONLY = 0o600


def load_signing_secret(path: Path) -> bytes:
    """Return the secret in a file; a new one where there is no file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY), "wb") as file:
            file.write(secrets.token_bytes(BYTES))
    except FileExistsError:
        pass
    return path.read_bytes()
