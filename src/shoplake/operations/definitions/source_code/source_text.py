"""The source of functions and classes as text, blind to formatting, docstrings and annotations."""

from __future__ import annotations

import ast
import functools
import inspect
import linecache
import sys
import textwrap
import tokenize
from types import CodeType, FunctionType
from typing import Any

from shoplake.operations.definitions.source_code.loaded_sources import loaded_source
from shoplake.operations.definitions.source_code.syntax_tree import parse_source

READ = 4096
"""Functions and classes whose source is remembered: helpers are shared by many tables."""
FILES = 512
"""Files whose syntax trees are remembered."""
Definitions = dict[tuple[str, int], ast.AST]


@functools.lru_cache(READ)
def source_text(value: FunctionType | type) -> str:
    """Return the syntax tree of a function or class as text; its compiled code where the source cannot be read."""
    node = _at_top_of_file(value)
    if node is not None:
        return f"Module(body=[{_dump(node)}])"
    try:
        return _dump(parse_source(textwrap.dedent(_block(value))))
    except (OSError, TypeError, SyntaxError, tokenize.TokenError):
        return _compiled(value.__code__) if isinstance(value, FunctionType) else value.__qualname__


def _at_top_of_file(value: FunctionType | type) -> ast.AST | None:
    """Return the definition of a function or class at the top of its file: one parse serves all those of a file."""
    code = value.__code__ if isinstance(value, FunctionType) else None
    module = sys.modules.get(value.__module__ or "")
    file = code.co_filename if code else getattr(module, "__file__", None)
    if not file or not value.__qualname__.isidentifier():
        return None
    text = _loaded_text(value)
    if text is None:
        linecache.checkcache(file)
        text = "".join(linecache.getlines(file, getattr(module, "__dict__", None)))
    place = code.co_firstlineno if code else 0
    return _definitions(text).get((value.__name__, place))


def _loaded_text(value: FunctionType | type) -> str | None:
    """Return the text that the module of a function or class was loaded from, if it is kept."""
    text = loaded_source(value.__module__ or "")
    return None if text is None else text.decode(errors="replace")


def _block(value: FunctionType | type) -> str:
    """Return the lines of a function or class. Raises OSError or TypeError where they cannot be read."""
    text = _loaded_text(value)
    if text is None or not isinstance(value, FunctionType):
        return inspect.getsource(value)
    return "".join(inspect.getblock(text.splitlines(keepends=True)[value.__code__.co_firstlineno - 1 :]))


@functools.lru_cache(FILES)
def _definitions(text: str) -> Definitions:
    """Return the functions at the top of a file by name and first line, and its classes by name and 0."""
    try:
        body = parse_source(text).body
    except (SyntaxError, ValueError):
        return {}
    found: Definitions = {}
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found[node.name, min(each.lineno for each in (node, *node.decorator_list))] = node
        elif isinstance(node, ast.ClassDef):
            found.setdefault((node.name, 0), node)
    return found


def _dump(value: Any) -> str:
    """Return a syntax tree as text without empty fields, as versions of Python differ in those that they have.

    What does not change what code does is left out: docstrings, annotations, the `@table` declaration.
    """
    if isinstance(value, ast.AST):
        other = _changed_fields(value)
        pairs = [(name, other[name] if name in other else getattr(value, name, None)) for name in value._fields]
        fields = [f"{name}={_dump(each)}" for name, each in pairs if each is not None and each != []]
        return f"{type(value).__name__}({', '.join(fields)})"
    return f"[{', '.join(map(_dump, value))}]" if isinstance(value, list) else repr(value)


def _changed_fields(node: ast.AST) -> dict[str, Any]:
    """Return the fields of a node that are not copied as they are."""
    if isinstance(node, ast.FunctionDef):
        decorators = [each for each in node.decorator_list if not _is_declaration(each)]
        return {"returns": None, "decorator_list": decorators, "body": _body(node)}
    if isinstance(node, ast.ClassDef):
        return {"body": _body(node)}
    if isinstance(node, ast.arg):
        return {"annotation": None}
    return {"annotation": ast.Constant(None)} if isinstance(node, ast.AnnAssign) else {}


def _body(node: ast.FunctionDef | ast.ClassDef) -> list[ast.stmt]:
    has_docstring = ast.get_docstring(node, clean=False) is not None
    return node.body[1:] or [ast.Pass()] if has_docstring else node.body


def _is_declaration(decorator: ast.expr) -> bool:
    return isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Name) and decorator.func.id == "table"


def _compiled(code: CodeType) -> str:
    consts = [_compiled(each) if isinstance(each, CodeType) else repr(each) for each in code.co_consts]
    return f"{code.co_name} {code.co_code.hex()} {consts} {code.co_names}"
