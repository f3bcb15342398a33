"""Plain Python values to and from the engine's wire.

``PropertyValue`` of the SDK does the encoding. Numbers become floats, because it
refuses ints; unknown inputs of a preview become ``UNKNOWN``; secrets are opened on
the way in and marked by property name on the way out.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final, TypeAlias, cast

from google.protobuf.struct_pb2 import Struct
from pulumi.provider.experimental.property_value import Computed, PropertyValue

from bloomery.plan.wire import Wire


class Unknown:
    """A value that exists only once something else was created."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown()

Value: TypeAlias = "Unknown | bool | float | int | str | list[Value] | dict[str, Value] | None"
"""A property as it arrives; in a preview any part of it may be unknown."""

Props: TypeAlias = "dict[str, Value]"
"""Properties of a resource, as a handler sees them."""


def read(struct: Struct) -> Props:
    """Properties as the engine sent them, secrets opened."""
    return {key: _plain(value) for key, value in PropertyValue.unmarshal_map(struct).items()}


def write(props: Mapping[str, object], secrets: Collection[str] = ()) -> Struct:
    """Properties for the engine; the top-level keys in ``secrets`` are marked secret."""
    made = {key: _wrap(value).with_secret(key in secrets) for key, value in props.items()}
    return PropertyValue.marshal_map(made)


def known(value: Value) -> bool:
    """Whether nothing inside ``value`` is unknown."""
    if isinstance(value, Unknown):
        return False
    if isinstance(value, dict):
        return all(known(item) for item in value.values())
    if isinstance(value, list):
        return all(known(item) for item in value)
    return True


def settled(value: Props) -> dict[str, Wire]:
    """The same properties, of which none is unknown. Raises ValueError naming one that is."""
    return {key: _settle(item, key) for key, item in value.items()}


def of_wire(wire: Mapping[str, Wire]) -> Props:
    """Known properties as a handler sees them."""
    return dict(cast("Props", wire))


def _settle(value: Value, path: str) -> Wire:
    if isinstance(value, Unknown):
        raise ValueError(f"{path} is not known yet")
    if isinstance(value, dict):
        return {key: _settle(item, f"{path}.{key}") for key, item in value.items()}
    if isinstance(value, list):
        return [_settle(item, path) for item in value]
    return value


def _plain(value: PropertyValue) -> Value:
    inner = value.value
    if isinstance(inner, Computed):
        return UNKNOWN
    if isinstance(inner, Mapping):
        return {str(key): _plain(item) for key, item in inner.items()}
    if isinstance(inner, list | tuple):
        return [_plain(item) for item in inner]
    if inner is None or isinstance(inner, bool | float | str):
        return inner
    raise TypeError(f"{type(inner).__name__} cannot be a property here")


def _wrap(value: object) -> PropertyValue:
    if isinstance(value, Unknown):
        return PropertyValue.computed()
    if isinstance(value, Mapping):
        return PropertyValue({str(key): _wrap(item) for key, item in value.items()})
    if isinstance(value, list | tuple):
        return PropertyValue([_wrap(item) for item in value])
    if isinstance(value, int) and not isinstance(value, bool):
        return PropertyValue(float(value))
    if value is None or isinstance(value, bool | float | str):
        return PropertyValue(value)
    raise TypeError(f"{type(value).__name__} has no wire form")
