from shoplake.serve.api.answer_cache import AnswerCache, CachedAnswer


def answer(size):
    return CachedAnswer(b"x" * size, ())


def test_the_least_recently_used_answer_is_forgotten():
    cache = AnswerCache(max_bytes=100)
    for name in ("a", "b", "c", "d"):
        cache.put(name, answer(25))
    cache.get("a")
    cache.put("e", answer(25))

    assert [name for name in "abcde" if cache.get(name)] == ["a", "c", "d", "e"]


def test_a_large_answer_is_not_kept():
    cache = AnswerCache(max_bytes=100)
    cache.put("a", answer(26))

    assert cache.get("a") is None


def test_nothing_is_left_after_a_clear():
    cache = AnswerCache()
    cache.put("a", answer(1))
    cache.clear()

    assert cache.get("a") is None
