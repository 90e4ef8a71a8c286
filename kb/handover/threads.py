"""The questions of a note as threads, and which of them still want an answer. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import takewhile

from kb.handover.models import Post


@dataclass(frozen=True, slots=True)
class Thread:
    """A question with everything that was written to it, in order."""

    posts: tuple[Post, ...]

    @property
    def id(self) -> int:
        """Which thread: the id of its first question."""
        return self.posts[0].id

    @property
    def is_open(self) -> bool:
        """Whether the last word is a question."""
        return not self.posts[-1].is_answer

    @property
    def is_blocking(self) -> bool:
        """Whether the note cannot be acknowledged before the sender answers."""
        unanswered = takewhile(lambda post: not post.is_answer, reversed(self.posts))
        return any(post.blocking for post in unanswered)


def threads_of(posts: Iterable[Post]) -> list[Thread]:
    """The threads, the oldest first.

    :param posts: in the order in which they were written.
    """
    found: dict[int, list[Post]] = {}
    for post in posts:
        found.setdefault(post.thread, []).append(post)
    return [Thread(tuple(posts)) for posts in found.values()]


def blocked(posts: Iterable[Post]) -> bool:
    """Whether a blocking question is open."""
    return any(thread.is_blocking for thread in threads_of(posts))
