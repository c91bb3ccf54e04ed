import pytest

from shoplake.serve.errors import ExportError
from shoplake.serve.export.destinations.postgres_views import PublishedViews, View

VIEW = View("gold", "sales", "_shoplake_data_1", {"feed": "text", "orders": "bigint"})


class Session:
    """Answers queries in order, and keeps the statements."""

    def __init__(self, *answers):
        self.answers, self.statements = list(answers), []

    def query(self, sql):
        return self.answers.pop(0)

    def execute(self, sql):
        self.statements.append(sql)


def views(*answers, own=True):
    return PublishedViews(Session([("gold", "sales", own)], *answers))


def test_a_view_whose_first_columns_are_the_same_is_replaced_in_place():
    assert not views([("feed", "text")]).must_be_recreated(VIEW)


@pytest.mark.parametrize("stored", [[("feed", "integer")], [("orders", "bigint"), ("feed", "text")]])
def test_a_view_of_other_columns_is_recreated_where_nobody_reads_it(stored):
    assert views(stored, []).must_be_recreated(VIEW)


def test_a_view_of_other_columns_that_is_read_is_an_error():
    with pytest.raises(ExportError, match=r"public\.total read it"):
        views([("feed", "integer")], [("public.total",)]).must_be_recreated(VIEW)


def test_a_view_that_no_export_made_is_an_error():
    with pytest.raises(ExportError, match="no export made it"):
        views(own=False).must_be_recreated(VIEW)
