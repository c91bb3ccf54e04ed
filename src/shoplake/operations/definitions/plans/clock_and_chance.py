"""Calls in SQL and in plans whose value is another one each time: they ask for the time, or use chance."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlglot import exp

    from shoplake.operations.definitions.plans.plan_node import PlanNode

CHANCE = frozenset(
    ("rand", "random", "randn", "uuid", "shuffle", "monotonicallyincreasingid", "currentuser", "user", "sample")
)
"""Functions, without their underscores, that give another value each time."""
CLOCK = frozenset(("currenttimestamp", "currentdate", "localtimestamp", "now", "curdate", "getdate", "sysdate"))
"""Functions that ask for the time, which is another one at a rebuild."""
CLOCK_WORDS = ("now", "today", "tomorrow", "yesterday")
"""Texts that Spark reads as times of the clock."""
SECONDS = "unixtimestamp"
"""Asks for the time where it has no argument."""
CALLING = frozenset(("UnresolvedFunction", "ExpressionString", "Sample"))
"""Nodes of a plan that call functions, have an expression in SQL, or take rows by chance."""
WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class ChangingCall:
    """A call as SQL, whether it asks for the time, and whether its value may be settled by an argument, a seed."""

    sql: str
    asks_for_time: bool
    has_arguments: bool = False


def asks_for_time(call: exp.Func) -> bool:
    """Whether a function in SQL gives the time, or reads a text such as 'today' as one."""
    from sqlglot import exp

    is_cast = isinstance(call, exp.Cast) and isinstance(call.this, exp.Literal)
    return _name(call) in CLOCK or (is_cast and call.this.name.strip().lower() in CLOCK_WORDS)


def uses_chance(call: exp.Func) -> bool:
    """Whether a function in SQL gives another value each time, or for each who asks."""
    return _name(call) in CHANCE


def changing_calls(node: PlanNode) -> Iterator[ChangingCall]:
    """Yield the calls of a node in `CALLING` that give another value each time."""
    if node.kind == "Sample":
        yield ChangingCall("sample(…)", asks_for_time=False)  # with a seed, too: the files decide which rows it takes
    elif node.kind == "ExpressionString":
        yield from _in_sql(node.field("expression") or "")
    else:
        called, arguments = node.field("function_name") or "", node.field("arguments")
        name = _plain(called)
        if name in CLOCK or (name == SECONDS and not arguments):
            yield ChangingCall(f"{called}()", asks_for_time=True)
        elif name in CHANCE:
            yield ChangingCall(f"{called}({'…' if arguments else ''})", False, bool(arguments))


def _in_sql(expression: str) -> Iterator[ChangingCall]:
    words = {_plain(word) for word in WORD.findall(expression)}
    if words.isdisjoint(CHANCE | CLOCK | {SECONDS, *CLOCK_WORDS}):
        return
    import sqlglot  # takes longer to import than a plan to hash
    from sqlglot import exp

    try:
        parsed = sqlglot.parse_one(expression, read="spark")
    except sqlglot.errors.ParseError:
        return  # the engine says what is wrong with it
    for call in parsed.find_all(exp.Func):
        if asks_for_time(call):
            yield ChangingCall(call.sql("spark"), asks_for_time=True)
        elif uses_chance(call):
            yield ChangingCall(
                call.sql("spark"), asks_for_time=False, has_arguments=bool(call.this or call.expressions)
            )


def _name(call: exp.Func) -> str:
    from sqlglot import exp

    return _plain(call.name if isinstance(call, exp.Anonymous) else call.key)


def _plain(name: str) -> str:
    return name.replace("_", "").lower()
