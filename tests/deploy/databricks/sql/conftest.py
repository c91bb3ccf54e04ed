import logging
import re
from functools import cache

import pytest
import sqlglot
from sqlglot import exp


@pytest.fixture(scope="session")
def statements(bundle):
    """The statements of a file of SQL, as they are written; each is one statement to a parser too."""

    @cache
    def read(name):
        text = re.sub(r"(?m)^--.*$", "", (bundle / f"sql/{name}.sql").read_text())
        parts = [each.strip() for each in text.split(";\n\n") if each.strip()]
        logging.getLogger("sqlglot").setLevel(logging.ERROR)  # that it knows no masks and tags
        for part in parts:
            [parsed] = sqlglot.parse(part, dialect="databricks")
            assert isinstance(parsed, exp.Expression)
        return parts

    return read
