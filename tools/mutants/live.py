"""Puts the code of a mutant into the functions of a running process, and takes it out again."""

from __future__ import annotations

import importlib
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FunctionType
from typing import TYPE_CHECKING

from tools.mutants.mutator import mutate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tools.mutants.mutator import Mutant


class UnreachableError(Exception):
    """The process has no function that can have the code of a mutant: one with other free variables cannot."""


@contextmanager
def mutated(mutant: Mutant) -> Iterator[None]:
    """Let the functions of this process be those of a mutant meanwhile; decorated ones too.

    Raises UnreachableError where no function has the code.
    """
    module = importlib.import_module(mutant.module)
    file = str(module.__file__)
    new = _code_of(compile(mutate(Path(file).read_text(encoding="utf-8"), mutant), file, "exec"), mutant.function)
    found = [each for each in _functions(vars(module).values()) if _is_of(each.__code__, file, mutant.function)]
    if not found or any(each.__code__.co_freevars != new.co_freevars for each in found):
        raise UnreachableError(mutant.name)
    found = [*{id(each): each for each in found}.values()]
    old = [each.__code__ for each in found]
    for each in found:
        each.__code__ = new
    try:
        yield
    finally:
        for each, code in zip(found, old, strict=True):
            each.__code__ = code


def _functions(values: Iterable[object]) -> Iterator[FunctionType]:
    """Yield the functions among some values: methods of classes, and what decorators and properties wrap."""
    for value in values:
        if isinstance(value, FunctionType):
            yield value
        wrapped = (getattr(value, name, None) for name in ("__wrapped__", "__func__", "fget", "func"))
        yield from _functions([each for each in wrapped if each is not None])
        if isinstance(value, type):
            yield from _functions([each for each in vars(value).values() if not isinstance(each, type)])


def _is_of(code: CodeType, file: str, qualified_name: str) -> bool:
    return code.co_filename == file and code.co_qualname == qualified_name


def _code_of(code: CodeType, qualified_name: str) -> CodeType:
    """Return the code of a function in that of its module."""
    for name in qualified_name.split("."):
        code = next(each for each in code.co_consts if isinstance(each, CodeType) and each.co_name == name)
    return code
