"""Answers of one generation in memory, the least recently used forgotten first."""

from collections import OrderedDict
from dataclasses import dataclass

MAX_BYTES = 16 * 2**20


@dataclass(frozen=True)
class CachedAnswer:
    """The body of an answer and its headers as they are sent, content type and length among them."""

    body: bytes
    headers: tuple[tuple[bytes, bytes], ...]


class AnswerCache:
    """At most `max_bytes` of answers by ETag. An ETag stands for generation, role, route, query and format."""

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._max_bytes, self._bytes = max_bytes, 0
        self._answers: OrderedDict[str, CachedAnswer] = OrderedDict()

    def get(self, etag: str) -> CachedAnswer | None:
        """Return a cached answer."""
        answer = self._answers.get(etag)
        if answer is not None:
            self._answers.move_to_end(etag)
        return answer

    def put(self, etag: str, answer: CachedAnswer) -> None:
        """Keep an answer, unless it alone is larger than a quarter of the cache."""
        if etag in self._answers or len(answer.body) > self._max_bytes // 4:
            return
        self._answers[etag] = answer
        self._bytes += len(answer.body)
        while self._bytes > self._max_bytes:
            _, oldest = self._answers.popitem(last=False)
            self._bytes -= len(oldest.body)

    def clear(self) -> None:
        """Forget all answers."""
        self._answers.clear()
        self._bytes = 0
