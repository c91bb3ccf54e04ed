from shoplake.serve.keys.access import Access
from shoplake.serve.keys.role import ADMIN


def test_a_key_is_no_session_unless_it_says_so():
    assert (Access("key-1", ADMIN).is_session, Access("key-1", ADMIN, is_session=True).is_session) == (False, True)
