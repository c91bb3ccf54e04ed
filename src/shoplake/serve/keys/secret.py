"""Random secrets: API keys with a prefix and a checksum, and their hashes."""

import hashlib
import secrets
import string
import zlib

PREFIX = "sl_live_"
ALPHABET = string.digits + string.ascii_letters
RANDOM_BYTES = 32
RANDOM_LENGTH, CHECKSUM_LENGTH = 43, 6
"""Digits of base 62 that 256 and 32 bits need."""


def create_secret() -> str:
    """Return a new API key: `sl_live_`, 256 random bits in base 62, and a CRC-32 by which scanners recognise it."""
    body = _base62(int.from_bytes(secrets.token_bytes(RANDOM_BYTES)), RANDOM_LENGTH)
    return f"{PREFIX}{body}{_checksum(body)}"


def is_well_formed(text: str) -> bool:
    """Whether a text has the prefix, length and checksum of an API key; it may still be unknown."""
    body, checksum = text[len(PREFIX) : -CHECKSUM_LENGTH], text[-CHECKSUM_LENGTH:]
    return text.startswith(PREFIX) and len(body) == RANDOM_LENGTH and _checksum(body) == checksum


def hash_secret(text: str) -> bytes:
    """Return the SHA-256 of a secret. A secret of 256 random bits needs no slow hash."""
    return hashlib.sha256(text.encode()).digest()


def _checksum(body: str) -> str:
    return _base62(zlib.crc32(body.encode()), CHECKSUM_LENGTH)


def _base62(number: int, length: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, len(ALPHABET))
        digits = ALPHABET[digit] + digits
    return digits.rjust(length, ALPHABET[0])
