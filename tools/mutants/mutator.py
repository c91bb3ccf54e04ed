"""Mutants of a module: what each changes, and the tree that has the change."""

from __future__ import annotations

import ast
import copy
import hashlib
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
NOT_MUTATED = ("log", "crash_points", "overload", "cast")
"""Calls whose arguments no test has to notice: log lines, names of crash points, types."""


@dataclass(frozen=True)
class Mutant:
    """One change of a module: the outermost function or method that has it, the line, and what it is.

    `text` is the line without its comment. `code` is what the function without its docstring, and its changes, hash to.
    Only a test that comes to a line from `first` to `last` can notice it: those of the statement that has it, without
    the statements in that one.
    """

    module: str
    function: str
    number: int
    line: int
    change: str
    first: int = 0
    last: int = 0
    text: str = ""
    code: str = ""

    @property
    def place(self) -> str:
        """The function that it changes."""
        return f"{self.module} {self.function}"

    @property
    def name(self) -> str:
        """Where and what it is, in a line. It is the same one as long as the line is, wherever that stands."""
        return f"{self.place}: {self.change}, in {self.text}"


Edit = tuple[ast.AST, str, "Callable[[], None]"]


def find_mutants(module: str, source: str) -> list[Mutant]:
    """Return all mutants of the functions and methods of a module; each has a name of its own."""
    found, names, lines = list[Mutant](), Counter[tuple[str, str, str]](), source.splitlines()
    for name, function in functions(ast.parse(source)):
        edits = [*_edits(function)]
        code = _hash(function, [change for _, change, _ in edits])
        for number, (node, change, _) in enumerate(edits):
            line: int = node.lineno  # type: ignore[attr-defined]
            text = lines[line - 1].partition("  # ")[0].strip()
            names[name, text, change] += 1
            again = names[name, text, change]
            change = f"{change} ({again})" if again > 1 else change
            found.append(Mutant(module, name, number, line, change, *_lines(function, node), text, code))
    return found


def mutate(source: str, mutant: Mutant) -> ast.Module:
    """Return the tree of a module with the change of a mutant."""
    tree = ast.parse(source)
    function = dict(functions(tree))[mutant.function]
    _, _, edit = [*_edits(function)][mutant.number]
    edit()
    return ast.fix_missing_locations(tree)


def functions(tree: ast.Module) -> Iterator[tuple[str, ast.FunctionDef]]:
    """Yield the functions of a module and the methods of its classes, by their qualified names."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            methods = [each for each in node.body if isinstance(each, ast.FunctionDef)]
            yield from ((f"{node.name}.{each.name}", each) for each in methods)


def _hash(function: ast.FunctionDef, changes: list[str]) -> str:
    body = function.body[ast.get_docstring(function) is not None :]
    text = ast.unparse([function.args, *body])  # type: ignore[arg-type]
    return hashlib.sha256("\n".join([text, *changes]).encode()).hexdigest()[:12]


def _edits(function: ast.FunctionDef) -> Iterator[Edit]:
    """Yield every change of a function: its node, what it is, and the action that makes it."""
    for node in _nodes(function):
        yield from _expression_edits(node)
        if isinstance(node, ast.Return) and node.value is not None and not _is_none(node.value):
            yield node, "return None", _setter(node, "value", ast.Constant(None))
        if isinstance(node, ast.If | ast.IfExp | ast.While):
            yield node, "negate the condition", _setter(node, "test", ast.UnaryOp(ast.Not(), node.test))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            yield node, "leave out a call", _setter(node, "value", ast.Constant(None))


def _expression_edits(node: ast.AST) -> Iterator[Edit]:
    if isinstance(node, ast.Compare) and (other := COMPARISONS.get(type(node.ops[0]))) is not None:
        yield node, f"{_name(node.ops[0])} to {other.__name__}", _setter(node, "ops", [other(), *node.ops[1:]])
    if isinstance(node, ast.BoolOp):
        new = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield node, f"{_name(node.op)} to {_name(new)}", _setter(node, "op", new)
    if isinstance(node, ast.BinOp) and (operator := OPERATORS.get(type(node.op))) is not None:
        yield node, f"{_name(node.op)} to {operator.__name__}", _setter(node, "op", operator())
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.Invert):
        yield node, "drop the negation", _identity(node)
    if isinstance(node, ast.Constant) and isinstance(node.value, bool | int | str) and not _is_sentence(node.value):
        new_value = _other(node.value)
        yield node, f"{node.value!r} to {new_value!r}", _setter(node, "value", new_value)


def _nodes(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes whose change a test has to notice: no annotations, docstrings, errors and log lines."""
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list", "type_params"):
            continue
        children = value if isinstance(value, list) else [value]
        for child in children:
            if isinstance(child, ast.AST) and not _is_left_out(child):
                yield child
                yield from _nodes(child)


def _is_left_out(node: ast.AST) -> bool:
    is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    call = node.value if isinstance(node, ast.Expr) else node
    is_noise = isinstance(call, ast.Call) and _root(call.func) in NOT_MUTATED
    return is_text or is_noise or isinstance(node, ast.Raise | ast.JoinedStr | ast.Assert)


def _lines(function: ast.FunctionDef, node: ast.AST) -> tuple[int, int]:
    """Return the first and last line of the innermost statement that has a node; of the function, for a default."""
    innermost = [each for each in ast.walk(function) if isinstance(each, ast.stmt) and _holds(each, node)][-1]
    return _own_lines(innermost) if innermost is not function else (function.lineno, function.end_lineno or 0)


def _holds(statement: ast.stmt, node: ast.AST) -> bool:
    return any(each is node for each in ast.walk(statement))


def _own_lines(statement: ast.stmt) -> tuple[int, int]:
    """Return the first and the last line of a statement without those of its body."""
    inner = [*getattr(statement, "body", []), *getattr(statement, "cases", [])]
    starts = [each.pattern.lineno if isinstance(each, ast.match_case) else each.lineno for each in inner]
    return statement.lineno, max(statement.lineno, min(starts) - 1 if starts else statement.end_lineno or 0)


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _setter(node: ast.AST, name: str, value: object) -> Callable[[], None]:
    return lambda: setattr(node, name, copy.deepcopy(value) if isinstance(value, ast.AST) else value)


def _identity(node: ast.UnaryOp) -> Callable[[], None]:
    """Return the action that turns `not x` into `bool(x)`, and `~x` into `x`: twice the negation is none."""

    def edit() -> None:
        node.operand = ast.UnaryOp(copy.deepcopy(node.op), node.operand)

    return edit


def _other(value: bool | int | str) -> bool | int | str:
    """Return another constant. Something before a text, as Spark takes `semi_` for `semi`."""
    if isinstance(value, bool):
        return not value
    return value + 1 if isinstance(value, int) else f"x{value}"


def _is_sentence(value: bool | int | str) -> bool:
    """Whether a constant is a text that people read: a capital first, spaces, and a full stop."""
    return isinstance(value, str) and value[:1].isupper() and " " in value and value.endswith(".")


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _name(node: ast.AST) -> str:
    return type(node).__name__
