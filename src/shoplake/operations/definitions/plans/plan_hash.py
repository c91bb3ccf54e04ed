"""Hash of the Spark Connect plan that a table's function makes: equal logic has equal hashes, in every process."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pyspark.serializers import CloudPickleSerializer

from shoplake.columns.schema import struct_type
from shoplake.operations.definitions.plans.clock_and_chance import CALLING, WORD, ChangingCall, changing_calls
from shoplake.operations.definitions.plans.outside_reads import READING, outside_reads
from shoplake.operations.definitions.plans.plan_node import ALIAS, PlanNode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pyspark.sql import DataFrame, SparkSession

    from shoplake.declare import Table

CALL_SITE_FIELDS = {"common", "command", "python_ver", "additional_includes", "function_name"}
"""Fields that differ from call to call or from module to module: plan ids, origins, pickled functions."""
CALL_SITES = {"RelationCommon", "ExpressionCommon"}
"""Messages that say where in the code a plan was made: Spark asks the client for them, Sail does not."""
WHOLE_ROW = {"GroupMap", "CoGroupMap", "MapPartitions", "Deduplicate", "SetOperation"}
"""Nodes that may look at all columns of their input, also those that no expression names."""
ROW_UDF, ARROW_UDF = 100, 101
"""How the rows of a `udf` travel. Spark's client chooses Arrow where a session exists when the module is imported."""
PROJECTIONS = {"Project", "Aggregate"}
Columns = dict[str, str]


@dataclass(frozen=True)
class HashedPlan:
    """What decides about a plan, as texts in order; the Python functions that it carries; its calls that change.

    `reads` is what it reads beside its inputs.
    """

    parts: tuple[str, ...]
    functions: tuple[Callable[..., Any], ...]
    calls: tuple[ChangingCall, ...]
    reads: tuple[str, ...] = ()

    @cached_property
    def digest(self) -> str:
        """The plan's hash."""
        return self.digest_with({})

    def digest_with(self, values: Mapping[str, str]) -> str:
        """Return the hash of the plan with other texts in the place of some."""
        instead = {repr(old): repr(new) for old, new in values.items()}
        text = "".join(f"{instead.get(part, part)}\x00" for part in self.parts)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def empty_inputs(session: SparkSession, tables: Iterable[Table[...]]) -> dict[str, DataFrame]:
    """No rows of each table, with its declared columns, under a name that the hash recognizes; by the tables' names.

    Types that shoplake does not use itself are parsed by the engine, in a call for each table that has one.
    """
    return {each.name: _empty(session, each).alias(f"{ALIAS}{each.name}") for each in tables}


def _empty(session: SparkSession, table: Table[...]) -> DataFrame:
    ddl = ", ".join(f"`{column.name}` {column.type}" for column in table.columns)
    try:
        return session.createDataFrame([], struct_type(ddl))
    except ValueError:
        return session.createDataFrame([], ddl)


def hash_plan(rows: DataFrame, inputs: Mapping[str, Columns]) -> HashedPlan:
    """Return what is hashed of the plan of `rows`, which is made of `empty_inputs` of tables with the columns `inputs`.

    Of an input only the columns count that the plan names, or all of them where a node looks at whole rows. Plan ids,
    the numbers of lambda variables and call sites do not count. Pickled functions are returned, not hashed.
    """
    plan: Any = rows
    root = PlanNode(plan._plan.to_proto(plan.sparkSession.client).root)
    hasher = _PlanHasher(inputs, _words(root), _inputs_read_whole(root))
    hasher.visit(root)
    return HashedPlan(tuple(hasher.parts), tuple(hasher.functions), tuple(hasher.calls), tuple(hasher.reads))


class _PlanHasher:
    """Reads a plan, message by message, in an order that depends on the plan alone."""

    def __init__(self, inputs: Mapping[str, Columns], words: set[str], whole: set[str]) -> None:
        self.parts: list[str] = []
        self.functions: list[Callable[..., Any]] = []
        self.calls: list[ChangingCall] = []
        self.reads: list[str] = []
        self._inputs, self._words, self._whole = inputs, words, whole
        self._plan_ids: dict[int, int] = {}
        self._variables: dict[str, int] = {}

    def visit(self, node: PlanNode) -> None:
        """Add a message with all its fields."""
        if node.input_name is not None:
            name, columns = node.input_name, self._inputs[node.input_name]
            used = {column for column in columns if name in self._whole or column in self._words}
            return self._add("input", name, *(f"{column} {columns[column]}" for column in sorted(used)))
        self._add(node.kind)
        if node.kind == "Relation":
            common = node.field("common")
            self._add(self._number(self._plan_ids, common.field("plan_id") or 0 if common else 0))
        self._note(node)
        if node.kind == "UnresolvedNamedLambdaVariable":
            return self._add(*(self._number(self._variables, part) for part in node.field("name_parts") or ()))
        for name, value in node.fields.items():
            if name not in CALL_SITE_FIELDS or (name == "function_name" and not _is_python(node)):
                self._add(name)
                self._value(name, ROW_UDF if name == "eval_type" and value == ARROW_UDF else value)
        return None

    def _note(self, node: PlanNode) -> None:
        """Keep what a message calls, reads and carries."""
        if node.kind in CALLING:
            self.calls += changing_calls(node)
        if node.kind in READING:
            self.reads += outside_reads(node)
        if node.kind == "PythonUDF":
            self.functions.append(_unpickled(node.field("command") or b""))

    def _value(self, name: str, value: Any) -> None:
        if type(value) is PlanNode:
            self.visit(value)
        elif type(value) is dict:
            for key, each in value.items():
                self._add(key)
                self._value(name, each)
        elif type(value) is list:
            self._add(len(value))
            for each in value:
                self._value(name, each)
        else:
            self._add(self._number(self._plan_ids, value) if name == "plan_id" else repr(value))

    def _number(self, known: dict[Any, int], value: Any) -> int:
        return known.setdefault(value, len(known))

    def _add(self, *parts: object) -> None:
        self.parts += map(str, parts)


def _unpickled(command: bytes) -> Callable[..., Any]:
    serializer: Any = CloudPickleSerializer()
    function: Callable[..., Any] = serializer.loads(command)[0]
    return function


def _is_python(node: PlanNode) -> bool:
    return node.kind == "CommonInlineUserDefinedFunction" and node.field("python_udf") is not None


def _words(root: PlanNode) -> set[str]:
    """Every word in the texts of a plan: a superset of the columns it names.

    Those inside its inputs do not count, nor those of its call sites, which are paths of files.
    """
    texts: set[str] = set()
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node.input_name is not None or node.kind in CALL_SITES:
            continue
        waiting += node.below
        for name, value in node.fields.items():
            if name != "schema" and type(value) is str:
                texts.add(value)
            elif name != "schema" and type(value) in (list, dict):
                texts.update(each for each in value if type(each) is str)
    return {word for text in texts for word in WORD.findall(text)}


def _inputs_read_whole(node: PlanNode) -> set[str]:
    """Return the inputs of which some node sees all columns."""
    if node.input_name is not None:
        return set()
    is_whole = node.kind in WHOLE_ROW and not _compares_no_rows(node)
    below = _direct_inputs(node) if is_whole else set()
    expressions = [each for each in node.below if each.kind == "Expression"]
    if any(map(_has_star, expressions)):
        below |= _direct_inputs(node)
    return below.union(*(_inputs_read_whole(each) for each in node.below if each.kind != "Expression"))


def _compares_no_rows(node: PlanNode) -> bool:
    """Whether a set operation is a union, or a deduplication goes by named columns."""
    from pyspark.sql.connect.proto.relations_pb2 import SetOperation  # once a session has imported the client

    if node.kind == "SetOperation":
        return bool(node.field("set_op_type") == SetOperation.SET_OP_TYPE_UNION)
    return bool(node.field("column_names"))


def _has_star(expression: PlanNode) -> bool:
    """Whether an expression names all columns, but for a count; relations inside it are not looked at."""
    waiting = [expression]
    while waiting:
        node = waiting.pop()
        function = node.field("unresolved_function")
        if function and function.field("function_name") == "count":
            continue
        if node.field("unresolved_star") is not None:
            return True
        waiting += (each for each in node.below if each.kind != "Relation")
    return False


def _direct_inputs(node: PlanNode) -> set[str]:
    """Return the inputs below a node that no projection cuts to named columns."""
    found: set[str] = set()
    for each in node.below:
        if each.input_name is not None:
            found.add(each.input_name)
        elif each.kind not in PROJECTIONS:
            found |= _direct_inputs(each)
    return found
