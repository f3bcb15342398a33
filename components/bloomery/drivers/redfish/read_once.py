"""A property that is read from the BMC when it is first asked for, and kept with its object."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar, overload

Owner = TypeVar("Owner")
T = TypeVar("T")


class ReadOnce(Generic[Owner, T]):
    """Like ``functools.cached_property``, without its lock.

    Until Python 3.12 that one holds a lock of the class while it reads: the thread of one BMC then
    waits for the answers of all others. An object with such a property belongs to one thread.
    """

    def __init__(self, read: Callable[[Owner], T]) -> None:
        self._read = read
        self.__doc__ = read.__doc__

    def __set_name__(self, owner: type[Owner], name: str) -> None:
        self._name = name

    @overload
    def __get__(self, instance: None, owner: type[Owner]) -> ReadOnce[Owner, T]: ...

    @overload
    def __get__(self, instance: Owner, owner: type[Owner]) -> T: ...

    def __get__(self, instance: Owner | None, owner: type[Owner]) -> ReadOnce[Owner, T] | T:
        if instance is None:
            return self
        # Without __set__ the value in the object is found before this descriptor.
        value = vars(instance)[self._name] = self._read(instance)
        return value
