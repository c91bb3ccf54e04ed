import asyncio
import json
import sqlite3

import pyarrow as pa
import pytest

from shoplake.engine.storage.delta_log import arrow_schema
from shoplake.serve.store.documents import FILE, LONE, MOST, DocumentBatches, DocumentReader, DocumentWriter
from shoplake.serve.store.table_files import name_files, write_table_files
from tests.serve.small_lake import CUSTOMERS, customer

NAME = CUSTOMERS.qualified_name


@pytest.fixture
def build(tmp_path):
    """Writes a build of customers; returns how many documents changed."""
    former = []

    def build(*rows):
        number = len(former) + 1
        files = name_files(CUSTOMERS, number, "run-1")
        data = pa.Table.from_pylist(list(rows), schema=arrow_schema(CUSTOMERS))
        write_table_files(tmp_path, CUSTOMERS, files, data.to_reader())
        former.append(tmp_path / files.personal_file)
        writer = DocumentWriter(tmp_path, number)
        changed = writer.upsert(CUSTOMERS, former[-1], former[-2] if number > 1 else None)
        writer.prune(CUSTOMERS)
        writer.commit()
        return changed

    return build


def read(folder, build, id):
    (found,) = DocumentReader(folder, build).read(NAME, [("shop", id)])
    return None if found is None else json.loads(found)


def test_a_row_is_read_by_its_key(build, tmp_path):
    build(customer("C1", 3))

    assert read(tmp_path, 1, "C1") == {
        "feed": "shop",
        "customer_id": "C1",
        "orders": 3,
        "p_alive": 0.5,
        "email": "C1@example.org",
        "seen_at": "2026-03-02T06:00:00Z",
    }
    assert read(tmp_path, 1, "C9") is None


def test_only_changed_rows_are_written(build):
    build(customer("C1"), customer("C2"), customer("C3"))

    assert build(customer("C1"), customer("C2", 5), customer("C4")) == 3


def test_a_reader_of_the_former_build_sees_the_former_documents(build, tmp_path):
    build(customer("C1", 1), customer("C2"))
    build(customer("C1", 2), customer("C3"))

    assert (read(tmp_path, 1, "C1")["orders"], read(tmp_path, 2, "C1")["orders"]) == (1, 2)
    assert read(tmp_path, 1, "C2") is not None
    assert read(tmp_path, 2, "C2") is None
    assert read(tmp_path, 1, "C3") is None


def test_documents_that_no_build_sees_are_deleted(build, tmp_path):
    for orders in range(1, 5):
        build(customer("C1", orders), *([customer("C2")] if orders == 1 else []))

    with sqlite3.connect(tmp_path / FILE) as connection:
        rows = connection.execute('SELECT key, build FROM "gold.customer_360"').fetchall()
    connection.close()

    assert rows == [("shop\x1fC1", 3), ("shop\x1fC1", 4)]


def test_a_row_of_a_kilobyte_lies_in_no_page_of_its_own(build, tmp_path):
    build(*(customer(f"C{number}") | {"email": "x" * 1000} for number in range(100)))

    assert (tmp_path / FILE).stat().st_size < 100 * 2048


class Counted(DocumentReader):
    """Counts its statements by the number of keys."""

    def __init__(self, *args):
        super().__init__(*args)
        self.keys = []

    def read(self, table, keys):
        self.keys.append(len(keys))
        return super().read(table, keys)


def look_up(reader, *keys):
    """The documents that are asked for in one turn of an event loop; an error in place of one that failed."""

    async def ask():
        batches = DocumentBatches(reader)
        return await asyncio.gather(*(batches.read(table, key) for table, key in keys), return_exceptions=True)

    return run(ask)


def run(ask):
    """What a coroutine returns; a look-up that is never answered is an error."""

    async def soon():
        return await asyncio.wait_for(ask(), 5)

    return asyncio.run(soon())


def orders(document):
    return None if document is None else json.loads(document)["orders"]


@pytest.mark.parametrize("count", [1, 2, 3, 5, MOST - 1, MOST, MOST + 1, 2 * MOST + 3])
def test_each_look_up_of_a_turn_gets_its_own_document(build, tmp_path, count):
    build(*(customer(f"C{number}", number) for number in range(count)))
    reader = Counted(tmp_path, 1)

    found = look_up(reader, *((NAME, ("shop", f"C{number}")) for number in reversed(range(count))))

    assert [orders(each) for each in found] == [*reversed(range(count))]
    assert reader.keys == [MOST] * (count // MOST) + ([count % MOST] if count % MOST else [])


def test_look_ups_of_several_turns_are_answered(build, tmp_path):
    build(customer("C1", 1), customer("C2", 2))
    reader = Counted(tmp_path, 1)
    batches = DocumentBatches(reader)

    async def ask():
        return [await batches.read(NAME, ("shop", id)) for id in ("C1", "C2")]

    assert [orders(each) for each in run(ask)] == [1, 2]
    assert reader.keys == [1, 1]


def test_after_many_look_ups_by_themselves_most_wait_for_no_other(build, tmp_path):
    build(customer("C1", 1))
    batches = DocumentBatches(DocumentReader(tmp_path, 1))

    async def ask():
        waited = [await _has_waited(batches.read(NAME, ("shop", "C1"))) for _ in range(4 * LONE)]
        return waited[:LONE], waited[LONE:]

    first, later = run(ask)

    assert all(first)
    assert sum(later) == 3


async def _has_waited(found):
    """Whether a look-up gives the loop a turn before it is answered."""
    turn = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_soon(lambda: turn.done() or turn.set_result(True))
    assert orders(await found) == 1
    return turn.done()


def test_look_ups_that_are_not_alone_any_more_are_read_together_again(build, tmp_path):
    build(customer("C1", 1))
    reader = Counted(tmp_path, 1)
    batches = DocumentBatches(reader)

    async def ask():
        for _ in range(2 * LONE + 1):
            await batches.read(NAME, ("shop", "C1"))
        reader.keys.clear()
        await asyncio.gather(*(batches.read(NAME, ("shop", "C1")) for _ in range(2 * LONE)))
        first, reader.keys = reader.keys, []
        await asyncio.gather(*(batches.read(NAME, ("shop", "C1")) for _ in range(2 * LONE)))
        return first, reader.keys

    assert run(ask) == ([1] * (LONE - 1) + [LONE + 1], [2 * LONE])


def test_rows_that_are_absent_are_none_among_those_that_are_there(build, tmp_path):
    build(customer("C1", 1), customer("C2", 2))
    build(customer("C1", 3))

    found = look_up(DocumentReader(tmp_path, 2), *((NAME, ("shop", id)) for id in ("C2", "C1", "C9", "C1", "")))

    assert [orders(each) for each in found] == [None, 3, None, 3, None]


def test_look_ups_of_two_builds_in_one_turn_see_their_own(build, tmp_path):
    build(customer("C1", 1))
    build(customer("C1", 2))
    former, newer = (DocumentBatches(DocumentReader(tmp_path, number)) for number in (1, 2))

    async def ask():
        return await asyncio.gather(*(each.read(NAME, ("shop", "C1")) for each in (former, newer, former)))

    assert [orders(each) for each in run(ask)] == [1, 2, 1]


UNREADABLE = "\ud800"
"""A key that SQLite cannot even be asked for."""


def test_a_look_up_that_fails_fails_alone(build, tmp_path):
    build(customer("C1", 1), customer("C2", 2))

    first, broken, absent, last = look_up(
        DocumentReader(tmp_path, 1),
        *((NAME, ("shop", "C1")), (NAME, ("shop", UNREADABLE)), ("gold.absent", ("1",)), (NAME, ("shop", "C2"))),
    )

    assert (orders(first), orders(last)) == (1, 2)
    assert (type(broken), absent.status) == (UnicodeEncodeError, 503)


def test_a_look_up_that_nobody_waits_for_any_more_leaves_the_others_alone(build, tmp_path):
    build(customer("C1", 1), customer("C2", 2))
    batches = DocumentBatches(DocumentReader(tmp_path, 1))

    async def ask():
        given_up, broken, kept = (
            asyncio.ensure_future(batches.read(NAME, ("shop", id))) for id in ("C1", UNREADABLE, "C2")
        )
        given_up.cancel()
        broken.cancel()
        return await kept

    assert orders(run(ask)) == 2


def test_a_loop_that_ended_keeps_no_look_up_of_another_waiting(build, tmp_path):
    build(customer("C1", 1))
    batches = DocumentBatches(DocumentReader(tmp_path, 1))

    async def ask():
        return await batches.read(NAME, ("shop", "C1"))

    ended = asyncio.new_event_loop()
    ended.call_soon(ended.stop)
    ended.call_soon(batches.read, NAME, ("shop", "C1"))  # its turn, the last one, ends before the answer
    ended.run_forever()
    ended.close()

    assert orders(run(ask)) == 1
