"""How many examples a property test has: all where it is run by its name or with all tests, fewer in `make test`."""

from hypothesis import settings

QUICK = "quick"
"""The profile of `make test`, which `conftest.py` loads."""


def examples(count: int) -> int:
    """Return `count`, and a quarter of it, at least 2, in `make test`; for tests of which an example takes long."""
    return max(count // 4, 2) if settings.get_current_profile_name() == QUICK else count
