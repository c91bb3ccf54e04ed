import pytest

from shoplake.declare import Feed, FeedKind
from shoplake.errors import KindError
from shoplake.feeds import KINDS, RETAILROCKET
from shoplake.project import Project, check_mappings

CATALOG = Project().catalog


def returns_nothing(raw, feed):
    return None


def test_the_mappings_of_the_package_pass(spark):
    feeds = tuple(Feed(name, kind, "landing") for name, kind in KINDS.items())

    check_mappings(CATALOG, feeds, list(KINDS.values()), spark)


def test_a_mapping_of_a_checked_kind_that_cannot_work_is_an_error(spark):
    kind = FeedKind("mine", "Mine", (), {"payments": {"orders_raw": returns_nothing}})

    with pytest.raises(KindError, match=r"Kind 'mine': returns_nothing\(\) returns NoneType"):
        check_mappings(CATALOG, (Feed("a", RETAILROCKET, ""), Feed("b", kind, "")), [kind], spark)


def test_kinds_that_are_not_to_be_checked_cost_nothing(spark):
    kind = FeedKind("mine", "Mine", (), {"payments": {"orders_raw": returns_nothing}})

    check_mappings(CATALOG, (Feed("b", kind, ""),), [], None)
