"""What is known of tests without a mutant, kept for the next call: how long each takes and which lines it comes to."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from tools.mutants.judging import Worker


class Notes:
    """The notes of some tests in a file. A test is known as long as its code is the same, and what all tests have."""

    def __init__(self, file: Path, root: Path, same: Sequence[Path]) -> None:
        """Read the notes. All tests have the code in the files `same`, and what lies beside tests and is none."""
        self._file, self._root = file, root
        helpers = [path for path in sorted((root / "tests").rglob("*.py")) if not path.name.startswith("test_")]
        self._common = _hash([*same, *helpers])
        try:
            self._known: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            self._known = {}

    def learn(self, worker: Worker, tests: Iterable[str]) -> Iterable[dict[str, Any]]:
        """Return what is known of some tests, after those that are not known ran."""
        keys = {test: f"{test} {self._key(test)}" for test in tests}
        if new := [test for test in keys if keys[test] not in self._known]:
            reach = worker.reach(new)
            for test, (seconds, lines) in reach["tests"].items():
                self._known[keys[test]] = {"test": test, "seconds": seconds, "lines": lines}
            self._known[f"shared {keys[new[0]]}"] = {"shared": reach["shared"]}
            self._file.parent.mkdir(parents=True, exist_ok=True)
            self._file.write_text(json.dumps(self._known), encoding="utf-8")
        shared = [key for key in self._known if key.startswith("shared") and key.endswith(self._common)]
        return [self._known[key] for key in (*keys.values(), *shared)]

    def _key(self, test: str) -> str:
        return _hash([self._root / test.partition("::")[0]]) + self._common


def _hash(files: Iterable[Path]) -> str:
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]
