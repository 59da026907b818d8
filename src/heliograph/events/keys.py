"""Ordering keys as numbers."""

from __future__ import annotations

import hashlib


def key_hash(key: str) -> int:
    """Return the first 32 bits of the MD5 of a key in UTF-8: the number that PostgreSQL works out as well."""
    return int.from_bytes(hashlib.md5(key.encode(), usedforsecurity=False).digest()[:4], "big")
