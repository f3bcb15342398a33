"""Plain Python values to and from the engine's wire.

``PropertyValue`` of the SDK does the encoding. Numbers become floats, because it
refuses ints; unknown inputs of a preview become ``UNKNOWN``; secrets are opened on
the way in and marked by property name on the way out.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final, TypeAlias, cast

from google.protobuf.struct_pb2 import Struct
from google.protobuf.struct_pb2 import Value as Wired
from pulumi.provider.experimental.property_value import Computed, PropertyValue
from pulumi.runtime.rpc import UNKNOWN as WIRE_UNKNOWN
from pulumi.runtime.rpc import _special_sig_key

from bloomery.plan.wire import Wire

_UNKNOWNS = frozenset(
    {
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",  # a bool
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",  # a number
        WIRE_UNKNOWN,  # a string, and all the Python SDK sends
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",  # an array
        "030794c1-ac77-496b-92df-f27374a8bd58",  # an asset
        "e48ece36-62e2-4504-bad9-02848725956a",  # an archive
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",  # an object
    }
)
"""What stands on the wire for a value nobody knows yet (sdk/go, plugin/rpc.go). The SDK's
``PropertyValue`` reads and writes them as ordinary strings."""


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
    return _opened(struct.fields)


def write(props: Mapping[str, object], secrets: Collection[str] = ()) -> Struct:
    """Properties for the engine; the top-level keys in ``secrets`` are marked secret."""
    made = {key: _wrap(value).with_secret(key in secrets) for key, value in props.items()}
    return PropertyValue.marshal_map(made)


def whole(inputs: Struct, outputs: Struct) -> Props:
    """A resource as a handler sees it: its inputs, and on top of them what was found."""
    return {**read(inputs), **read(outputs)}


def beyond(inputs: Props, props: Mapping[str, object]) -> dict[str, object]:
    """What ``props`` say beyond the inputs: all that is stored of them.

    The state has the inputs already; told twice they would make a third of a node's
    state, which is rewritten whole at every step.
    """
    return {key: value for key, value in props.items() if key not in inputs or inputs[key] != value}


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


def _opened(fields: Mapping[str, Wired]) -> Props:
    return {key: _read(value) for key, value in fields.items()}


def _read(value: Wired) -> Value:
    """A value of the wire. What is no plain one (a secret, an output) is the SDK's to read; the
    rest is read here, for speed: in an update that changes nothing this process does little else.
    """
    match value.WhichOneof("kind"):
        case "string_value":
            text = value.string_value
            return UNKNOWN if text in _UNKNOWNS else text
        case "struct_value" if _special_sig_key not in value.struct_value.fields:
            return _opened(value.struct_value.fields)
        case "list_value":
            return [_read(item) for item in value.list_value.values]
        case "number_value":
            return value.number_value
        case "bool_value":
            return value.bool_value
    return _plain(PropertyValue.unmarshal(value))


def _plain(value: PropertyValue) -> Value:
    inner = value.value
    if isinstance(inner, Computed) or (isinstance(inner, str) and inner in _UNKNOWNS):
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
        return PropertyValue(WIRE_UNKNOWN)  # it cannot write its own Computed
    if isinstance(value, Mapping):
        return PropertyValue({str(key): _wrap(item) for key, item in value.items()})
    if isinstance(value, list | tuple):
        return PropertyValue([_wrap(item) for item in value])
    if isinstance(value, int) and not isinstance(value, bool):
        return PropertyValue(float(value))
    if value is None or isinstance(value, bool | float | str):
        return PropertyValue(value)
    raise TypeError(f"{type(value).__name__} has no wire form")
