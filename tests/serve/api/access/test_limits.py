from shoplake.serve.api.access.limits import MAX_BUCKETS, TokenBuckets


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def test_a_burst_passes_and_then_the_rate():
    clock = Clock()
    buckets = TokenBuckets(2, 3, clock)

    assert [buckets.take("key").is_allowed for _ in range(4)] == [True, True, True, False]
    clock.now = 0.5
    assert [buckets.take("key").is_allowed for _ in range(2)] == [True, False]


def test_a_key_does_not_use_up_another():
    buckets = TokenBuckets(1, 1, Clock())
    buckets.take("one")

    assert buckets.take("two").is_allowed


def test_the_allowance_says_how_many_remain_and_how_long_to_wait():
    buckets = TokenBuckets(0.25, 2, Clock())

    assert (buckets.take("key").remaining, buckets.take("key").remaining) == (1, 0)
    assert buckets.take("key").wait_s >= 4


def test_a_flood_of_names_is_forgotten():
    buckets = TokenBuckets(1, 1, Clock())
    for number in range(MAX_BUCKETS + 5):
        buckets.take(str(number))

    assert not buckets.take(str(MAX_BUCKETS + 4)).is_allowed
    assert buckets.take("0").is_allowed
