"""The errors of libraries that are loaded where a lake needs them: Delta's, and that of object stores."""

from __future__ import annotations

import sys

BASES = {"deltalake.exceptions": "DeltaError", "obstore.exceptions": "BaseError"}


def library_errors(*others: type[Exception]) -> tuple[type[Exception], ...]:
    """Return `others` and the base classes of the errors of the loaded ones; one that is not loaded raises none."""
    loaded = {name: sys.modules.get(module) for module, name in BASES.items()}
    return (*others, *(getattr(module, name) for name, module in loaded.items() if module is not None))
