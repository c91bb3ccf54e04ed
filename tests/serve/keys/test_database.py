import sqlite3
import threading

import pytest

from shoplake.serve.keys.database import BATCH, KeyDatabase


def test_only_the_owner_reads_the_file(tmp_path):
    database = KeyDatabase(tmp_path / "below" / "keys.sqlite")

    assert database.path.stat().st_mode & 0o777 == 0o600


def test_each_thread_has_a_connection_of_its_own(tmp_path):
    database, others = KeyDatabase(tmp_path / "keys.sqlite"), []

    def read():
        others.append(database.connection)
        database.close()

    thread = threading.Thread(target=read)
    thread.start()
    thread.join()

    assert others[0] is not database.connection


def test_a_batch_of_rows_is_one_transaction(tmp_path):
    database = KeyDatabase(tmp_path / "keys.sqlite")

    with pytest.raises(sqlite3.IntegrityError):
        database.insert_many("logins", [(str(number % BATCH).encode(), "admin", 1) for number in range(BATCH + 1)])

    assert database.execute("SELECT count(*) FROM logins") == [(0,)]


def test_a_batch_of_any_size_is_inserted_whole(tmp_path):
    database = KeyDatabase(tmp_path / "keys.sqlite")
    rows = [(str(number).encode(), "admin", number) for number in range(2 * BATCH + 3)]
    database.insert_many("logins", rows)

    assert sorted(database.execute("SELECT * FROM logins")) == sorted(rows)
