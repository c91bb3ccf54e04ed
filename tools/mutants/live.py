"""Puts the code of a mutant into the functions of a running process, and takes it out again."""

from __future__ import annotations

import gc
import importlib
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FunctionType
from typing import TYPE_CHECKING

from tools.mutants.mutator import mutate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.mutants.mutator import Mutant


class UnreachableError(Exception):
    """The process has no function with the code of a mutant."""


@contextmanager
def mutated(mutant: Mutant) -> Iterator[None]:
    """Let the functions of this process be those of a mutant meanwhile; decorated ones too.

    Raises UnreachableError where no function has the code.
    """
    module = importlib.import_module(mutant.module)
    file = str(module.__file__)
    new = _code_of(compile(mutate(Path(file).read_text(encoding="utf-8"), mutant), file, "exec"), mutant.function)
    found = [
        each
        for each in gc.get_objects()
        if isinstance(each, FunctionType)
        and each.__code__.co_filename == file
        and each.__code__.co_qualname == mutant.function
    ]
    if not found or any(each.__code__.co_freevars != new.co_freevars for each in found):
        raise UnreachableError(mutant.name)
    old = [each.__code__ for each in found]
    for each in found:
        each.__code__ = new
    try:
        yield
    finally:
        for each, code in zip(found, old, strict=True):
            each.__code__ = code


def _code_of(code: CodeType, qualified_name: str) -> CodeType:
    """Return the code of a function in that of its module."""
    for name in qualified_name.split("."):
        code = next(each for each in code.co_consts if isinstance(each, CodeType) and each.co_name == name)
    return code
