"""A property that is read once, and for which no other BMC's thread waits."""

from __future__ import annotations

import threading

from bloomery.drivers.redfish.read_once import ReadOnce


class Reader:
    """Two of them meet in their reads: neither comes through alone."""

    def __init__(self, both: threading.Barrier) -> None:
        self.both = both
        self.reads = 0

    @ReadOnce
    def answer(self) -> int:
        """What is read."""
        self.both.wait(timeout=5)
        self.reads += 1
        return self.reads


def test_two_bmcs_are_read_at_the_same_time_and_each_once() -> None:
    both = threading.Barrier(2)
    readers = [Reader(both), Reader(both)]
    threads = [threading.Thread(target=lambda one=one: one.answer) for one in readers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [(one.answer, one.reads) for one in readers] == [(1, 1), (1, 1)]
    assert Reader.answer.__doc__ == "What is read."
