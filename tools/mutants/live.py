"""Puts the code of a mutant into the functions of a running process, and takes it out again."""

from __future__ import annotations

import ast
import importlib
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FunctionType
from typing import TYPE_CHECKING

from tools.mutants.mutator import functions, mutate

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
    tree = mutate(Path(file).read_text(encoding="utf-8"), mutant)
    new = _code_of(compile(tree, file, "exec"), mutant.function)
    found = [each for each in _functions(vars(module).values()) if _is_of(each.__code__, file, mutant.function)]
    if not found or any(each.__code__.co_freevars != new.co_freevars for each in found):
        raise UnreachableError(mutant.name)
    found = [*{id(each): each for each in found}.values()]
    old = [(each, each.__code__, each.__defaults__, each.__kwdefaults__) for each in found]
    for each in found:
        each.__code__ = new
        _set_defaults(each, dict(functions(tree))[mutant.function].args)
    try:
        yield
    finally:
        for each, code, defaults, keyword_defaults in old:
            each.__code__, each.__defaults__, each.__kwdefaults__ = code, defaults, keyword_defaults


def _set_defaults(function: FunctionType, arguments: ast.arguments) -> None:
    """Give a function the defaults among some arguments that are constants."""
    if function.__defaults__:
        pairs = zip(arguments.defaults, function.__defaults__, strict=True)
        function.__defaults__ = tuple(_constant(node, now) for node, now in pairs)
    if function.__kwdefaults__:
        nodes = {argument.arg: node for argument, node in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)}
        function.__kwdefaults__ = {name: _constant(nodes[name], now) for name, now in function.__kwdefaults__.items()}


def _constant(node: ast.expr | None, otherwise: object) -> object:
    return node.value if isinstance(node, ast.Constant) else otherwise


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
