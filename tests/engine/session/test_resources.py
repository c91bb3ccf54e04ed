import ctypes
import re
from pathlib import Path

import pytest

from shoplake.engine.session import resources


def resident_mib():
    return int(re.search(r"VmRSS:\s+(\d+)", Path("/proc/self/status").read_text())[1]) // 1024


def test_the_memory_is_what_the_system_says(monkeypatch):
    monkeypatch.setattr("os.sysconf", {"SC_PAGE_SIZE": 4096, "SC_PHYS_PAGES": 1000}.__getitem__)

    assert resources.total_memory() == 4_096_000


def test_a_system_that_does_not_say_has_no_memory_to_count_on(monkeypatch):
    monkeypatch.delattr("os.sysconf")

    assert resources.total_memory() == 0


def test_processors_are_those_that_the_process_may_use(monkeypatch):
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {3, 5, 7}, raising=False)

    assert resources.cpu_count() == 3


def test_a_system_without_affinity_offers_all_of_its_processors(monkeypatch):
    monkeypatch.delattr("os.sched_getaffinity", raising=False)
    monkeypatch.setattr("os.cpu_count", lambda: 6)

    assert resources.cpu_count() == 6


def test_resident_memory_grows_with_what_is_written_to():
    before = resources.resident_memory()
    block = bytearray(50 << 20)
    block[::4096] = b"1" * len(block[::4096])

    assert 45 << 20 < resources.resident_memory() - before < 60 << 20


def test_resident_memory_is_asked_of_ps_where_there_is_no_proc(monkeypatch):
    of_proc = resources.resident_memory()
    monkeypatch.setattr(resources.Path, "exists", lambda path: False)

    assert resources.resident_memory() == pytest.approx(of_proc, rel=0.05)


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="The C library is not glibc.")
def test_memory_that_was_freed_below_a_used_block_goes_back_to_the_system():
    library = ctypes.CDLL(None)
    library.malloc.restype, library.free.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
    blocks = [library.malloc(100_000) for _ in range(2_000)]
    for block in blocks:
        ctypes.memset(block, 1, 100_000)
    for block in blocks[:-1]:
        library.free(block)
    before = resident_mib()

    resources.release_freed_memory()

    library.free(blocks[-1])
    assert before - resident_mib() > 100


def test_without_glibc_nothing_is_released(monkeypatch):
    monkeypatch.setattr(resources, "_find_trim", lambda: None)

    resources.release_freed_memory()
