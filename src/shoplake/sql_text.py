"""Texts in SQL of Spark, which Sail and Databricks read alike."""


def sql_literal(text: str) -> str:
    r"""Return a text as a literal of SQL, in single quotes.

    >>> print(sql_literal("buyer's id"))
    'buyer\'s id'
    """
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def sql_name(name: str) -> str:
    """Return a name in SQL, in backticks.

    >>> print(sql_name("größe"))
    `größe`
    """
    return f"`{name.replace('`', '``')}`"
