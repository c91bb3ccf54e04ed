from shoplake.engine.session import resources


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
