"""A limit on the size of files, under which a write fails as on a full disk."""

import resource
from contextlib import contextmanager

import pytest


@contextmanager
def one_byte_files():
    """Inside `with`, the first write of more than a byte into a file ends it with OSError; fails where none does."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, limits[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
