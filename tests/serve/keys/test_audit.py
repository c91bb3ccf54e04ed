from shoplake.serve.keys.access import Access
from shoplake.serve.keys.audit import MAX_WAITING, AuditLog
from shoplake.serve.keys.database import KeyDatabase
from shoplake.serve.keys.role import SERVICE

ACCESS = Access("key-1", SERVICE)


def test_a_look_up_is_recorded_with_who_and_whose(tmp_path):
    log = AuditLog(KeyDatabase(tmp_path / "keys.sqlite"))
    log.record(ACCESS, "/v1/customers/{customer}", "/v1/customers/C1", "r1")

    [found] = log.read()

    assert (found.holder, found.role, found.subject, found.request_id) == ("key-1", "service", "/v1/customers/C1", "r1")


def test_look_ups_keep_their_order(tmp_path):
    log = AuditLog(KeyDatabase(tmp_path / "keys.sqlite"))
    for number in range(MAX_WAITING + 3):
        log.record(ACCESS, "route", str(number), "r")

    assert [each.subject for each in log.read()] == [str(number) for number in range(MAX_WAITING + 3)]


def test_many_look_ups_are_written_without_waiting(tmp_path):
    database = KeyDatabase(tmp_path / "keys.sqlite")
    log = AuditLog(database)
    for _ in range(MAX_WAITING):
        log.record(ACCESS, "route", "C1", "r")

    assert database.execute("SELECT count(*) FROM audit") == [(MAX_WAITING,)]
