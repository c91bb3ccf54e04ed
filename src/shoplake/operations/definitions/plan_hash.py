"""Hash of the Spark Connect plan that a table's function makes: equal logic has equal hashes, in every process."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from pyspark.serializers import CloudPickleSerializer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from pyspark.sql import DataFrame, SparkSession

    from shoplake.declare import Table

ALIAS = "shoplake_input_"
"""Prefix of the subquery alias that stands for an input table."""
CALL_SITE_FIELDS = {"common", "command", "python_ver", "additional_includes", "function_name"}
"""Fields that differ from call to call or from module to module: plan ids, origins, pickled functions."""
WHOLE_ROW = {"GroupMap", "CoGroupMap", "MapPartitions", "Deduplicate", "SetOperation"}
"""Nodes that may look at all columns of their input, also those that no expression names."""
PROJECTIONS = {"Project", "Aggregate"}
Columns = dict[str, str]


class HashedPlan(NamedTuple):
    """A plan's hash, and the Python functions that the plan carries to the workers."""

    digest: str
    functions: tuple[Callable[..., Any], ...]


def empty_input(session: SparkSession, table: Table[...]) -> DataFrame:
    """No rows of a table, with its declared columns, under a name that the hash recognizes."""
    ddl = ", ".join(f"{column.name} {column.type}" for column in table.columns)
    return session.createDataFrame([], ddl).alias(f"{ALIAS}{table.name}")


def hash_plan(rows: DataFrame, inputs: Mapping[str, Columns]) -> HashedPlan:
    """Return the hash of the plan of `rows`, which is made of `empty_input` frames of tables with the columns `inputs`.

    Of an input only the columns count that the plan names, or all of them where a node looks at whole rows. Plan ids,
    the numbers of lambda variables and call sites do not count. Pickled functions are returned, not hashed.
    """
    plan: Any = rows
    root = plan._plan.to_proto(plan.sparkSession.client).root
    hasher = _PlanHasher(inputs, _words(root), _inputs_read_whole(root))
    hasher.visit(root)
    return HashedPlan(hasher.digest.hexdigest()[:16], tuple(hasher.functions))


class _PlanHasher:
    """Feeds a plan to a digest, message by message, in an order that depends on the plan alone."""

    def __init__(self, inputs: Mapping[str, Columns], words: set[str], whole: set[str]) -> None:
        self.digest = hashlib.sha256()
        self.functions: list[Callable[..., Any]] = []
        self._inputs, self._words, self._whole = inputs, words, whole
        self._plan_ids: dict[int, int] = {}
        self._variables: dict[str, int] = {}

    def visit(self, node: Any) -> None:
        """Add a message with all its fields."""
        kind = node.DESCRIPTOR.name
        if (name := _input_name(node)) is not None:
            columns = self._inputs[name]
            used = {column for column in columns if name in self._whole or column in self._words}
            return self._add("input", name, *(f"{column} {columns[column]}" for column in sorted(used)))
        self._add(kind)
        if kind == "Relation":
            self._add(self._number(self._plan_ids, node.common.plan_id))
        if kind == "PythonUDF":
            self.functions.append(_unpickled(node.command))
        if kind == "UnresolvedNamedLambdaVariable":
            return self._add(*(self._number(self._variables, part) for part in node.name_parts))
        for field, value in node.ListFields():
            if field.name not in CALL_SITE_FIELDS or (field.name == "function_name" and not _is_python(node)):
                self._add(field.name)
                self._value(field.name, value)
        return None

    def _value(self, name: str, value: Any) -> None:
        if hasattr(value, "DESCRIPTOR"):
            self.visit(value)
        elif hasattr(value, "items"):
            for key in sorted(value):
                self._add(key)
                self._value(name, value[key])
        elif isinstance(value, str | bytes) or not hasattr(value, "__len__"):
            self._add(self._number(self._plan_ids, value) if name == "plan_id" else repr(value))
        else:
            self._add(len(value))
            for each in value:
                self._value(name, each)

    def _number(self, known: dict[Any, int], value: Any) -> int:
        return known.setdefault(value, len(known))

    def _add(self, *parts: object) -> None:
        for part in parts:
            self.digest.update(f"{part}\x00".encode())


def _unpickled(command: bytes) -> Callable[..., Any]:
    serializer: Any = CloudPickleSerializer()
    function: Callable[..., Any] = serializer.loads(command)[0]
    return function


def _is_python(node: Any) -> bool:
    return bool(node.DESCRIPTOR.name == "CommonInlineUserDefinedFunction" and node.HasField("python_udf"))


def _input_name(node: Any) -> str | None:
    """Return the table that a relation stands for, if it is an input."""
    if node.DESCRIPTOR.name != "Relation" or node.WhichOneof("rel_type") != "subquery_alias":
        return None
    alias: str = node.subquery_alias.alias
    return alias.removeprefix(ALIAS) if alias.startswith(ALIAS) else None


def _messages(node: Any) -> Iterator[Any]:
    """Yield the messages directly below a message."""
    for _, value in node.ListFields():
        values = value.values() if hasattr(value, "items") else value
        if hasattr(value, "DESCRIPTOR"):
            yield value
        elif hasattr(values, "__len__") and not isinstance(values, str | bytes):
            yield from (each for each in values if hasattr(each, "DESCRIPTOR"))


def _words(node: Any) -> set[str]:
    """Every word in the texts of a plan, but for those inside its inputs: a superset of the columns it names."""
    if _input_name(node) is not None:
        return set()
    found: set[str] = set()
    for field, value in node.ListFields():
        for text in [value] if isinstance(value, str) else value if hasattr(value, "__len__") else []:
            if isinstance(text, str) and field.name != "schema":
                found.update(re.findall(r"\w+", text))
    return found.union(*map(_words, _messages(node)))


def _inputs_read_whole(node: Any) -> set[str]:
    """Return the inputs of which some node sees all columns."""
    kind = node.DESCRIPTOR.name
    if _input_name(node) is not None:
        return set()
    is_whole = kind in WHOLE_ROW and not _compares_no_rows(node)
    below = _direct_inputs(node) if is_whole else set()
    expressions = [each for each in _messages(node) if each.DESCRIPTOR.name == "Expression"]
    if any(map(_has_star, expressions)):
        below |= _direct_inputs(node)
    return below.union(*(_inputs_read_whole(each) for each in _messages(node) if each.DESCRIPTOR.name != "Expression"))


def _compares_no_rows(node: Any) -> bool:
    """Whether a set operation is a union, or a deduplication goes by named columns."""
    if node.DESCRIPTOR.name == "SetOperation":
        return bool(node.set_op_type == node.SET_OP_TYPE_UNION)
    return bool(node.DESCRIPTOR.name == "Deduplicate" and node.column_names)


def _has_star(expression: Any) -> bool:
    if expression.WhichOneof("expr_type") == "unresolved_function" and (
        expression.unresolved_function.function_name == "count"
    ):
        return False
    return expression.WhichOneof("expr_type") == "unresolved_star" or any(map(_has_star, _expressions(expression)))


def _expressions(expression: Any) -> Iterator[Any]:
    for each in _messages(expression):
        if each.DESCRIPTOR.name == "Expression":
            yield each
        elif each.DESCRIPTOR.name != "Relation":
            yield from _expressions(each)


def _direct_inputs(node: Any) -> set[str]:
    """Return the inputs below a node that no projection cuts to named columns."""
    found: set[str] = set()
    for each in _messages(node):
        if (name := _input_name(each)) is not None:
            found.add(name)
        elif each.DESCRIPTOR.name not in PROJECTIONS:
            found |= _direct_inputs(each)
    return found
