"""Readers share, writers do not."""

import threading

from index.sharing import SharedLock

SOON = 5.0  # seconds within which a thread that may go on has gone on
NEVER = 0.05  # seconds after which one that waits has proved to wait


def started(work: threading.Event, lock: SharedLock, how: str) -> threading.Thread:
    def run() -> None:
        with lock.reading() if how == "reading" else lock.writing():
            work.set()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


def test_readers_read_at_once():
    lock, second = SharedLock(), threading.Event()
    with lock.reading():
        started(second, lock, "reading")
        assert second.wait(SOON)


def test_a_writer_waits_for_readers_and_goes_before_later_ones():
    lock, wrote, read = SharedLock(), threading.Event(), threading.Event()
    with lock.reading():
        writer = started(wrote, lock, "writing")
        assert not wrote.wait(NEVER)
        reader = started(read, lock, "reading")
        assert not read.wait(NEVER)
    writer.join(SOON)
    reader.join(SOON)
    assert wrote.is_set()
    assert read.is_set()


def test_a_writer_is_alone():
    lock, read, wrote = SharedLock(), threading.Event(), threading.Event()
    with lock.writing():
        started(read, lock, "reading")
        started(wrote, lock, "writing")
        assert not read.wait(NEVER)
        assert not wrote.wait(NEVER)
    assert read.wait(SOON)
    assert wrote.wait(SOON)
