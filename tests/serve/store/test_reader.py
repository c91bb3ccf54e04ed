import time

import pytest

from shoplake.serve.store.builder import build_store
from shoplake.serve.store.pointer import POINTER
from shoplake.serve.store.reader import StoreReader
from tests.serve.small_lake import customer, sale

NET = "SELECT sum(net_sales)::INT AS net FROM gold.sales_daily"


def reader_of(lake):
    return StoreReader(lake.settings.serve.store_folder(lake.settings.lake), lake.catalog.ordered)


def net_of(generation):
    return generation.query(NET).to_pylist()[0]["net"]


def test_without_a_store_there_is_no_generation(lake):
    assert reader_of(lake).current(with_personal=True) is None


def test_a_new_generation_is_opened_when_the_pointer_changes(lake):
    build_store(lake)
    reader = reader_of(lake)
    lake.run(sales=[sale(1, "99.00")])
    build_store(lake)

    assert reader.refresh()
    assert net_of(reader.current(with_personal=False)) == 99
    assert not reader.refresh()


@pytest.mark.sample
def test_who_holds_a_generation_keeps_reading_it(lake):
    build_store(lake)
    reader = reader_of(lake)
    held = reader.current(with_personal=True)
    for net in ("50.00", "60.00", "70.00"):
        lake.run(sales=[sale(1, net)], customers=[customer("C1", 9)])
        build_store(lake)
        reader.refresh()

    assert net_of(held) == 30
    assert net_of(reader.current(with_personal=True)) == 70


def test_a_damaged_generation_leaves_the_former_one(lake):
    build_store(lake)
    reader, folder = reader_of(lake), lake.settings.serve.store_folder(lake.settings.lake)
    text = (folder / POINTER).read_text().replace("gold.sales_daily-v0", "gold.sales_daily-v7")
    (folder / POINTER).write_text(text)

    assert not reader.refresh()
    assert net_of(reader.current(with_personal=False)) == 30


def test_a_pointer_that_cannot_be_read_for_a_while_is_followed_afterwards(lake):
    reader = reader_of(lake)
    build_store(lake)
    pointer = lake.settings.serve.store_folder(lake.settings.lake) / POINTER
    kept = pointer.rename(pointer.with_name("kept"))
    pointer.mkdir()

    while_unreadable = reader.refresh()
    pointer.rmdir()
    kept.rename(pointer)

    assert (while_unreadable, reader.refresh()) == (False, True)


def test_the_pointer_is_followed_in_a_thread(lake):
    reader = reader_of(lake)
    reader.start()
    build_store(lake)

    until = time.monotonic() + 20
    while reader.current(with_personal=False) is None and time.monotonic() < until:
        time.sleep(0.05)
    reader.stop()

    assert net_of(reader.current(with_personal=False)) == 30
