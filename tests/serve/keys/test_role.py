import pytest

from shoplake.serve.keys.role import ADMIN, ANALYST, SERVICE, UnknownRoleError, find_role


def test_an_analyst_queries_but_sees_nothing_personal():
    assert (ANALYST.can_query_sql, ANALYST.can_see_personal, ANALYST.can_see_operations) == (True, False, False)


def test_a_service_sees_customers_but_writes_no_sql():
    assert (SERVICE.can_query_sql, SERVICE.can_see_personal) == (False, True)


def test_a_role_is_found_by_its_name():
    assert find_role("admin") is ADMIN


def test_an_unknown_role_names_the_nearest():
    with pytest.raises(UnknownRoleError, match=r"Unknown role 'analist'. Did you mean 'analyst'\?"):
        find_role("analist")
