"""Reads the properties of a resource once, not once a rule.

For each policy the SDK turns the request into plain values anew, which is nearly all of the
pack's time. Rules only read, so what was read for the first serves the others. A resource whose
request is still the same object is the same resource.
"""

from __future__ import annotations

import math
import operator
import threading
import types
from collections import deque
from collections.abc import Callable
from typing import Any

from google.protobuf import json_format
from google.protobuf.struct_pb2 import Struct, Value
from pulumi_policy import policy


def read_once() -> None:
    """Make the SDK keep what it read last, one a thread."""
    reader = _remembering(plain)
    policy.json_format = types.SimpleNamespace(MessageToDict=reader)
    for name in ("deserialize_properties", "unknown_checking_proxy"):
        setattr(policy, name, _remembering(getattr(policy, name)))
    servicer = policy._PolicyAnalyzerServicer  # the only place these are read
    for name in ("_get_resource_options", "_get_provider_resource"):
        setattr(servicer, name, _remembering(getattr(servicer, name)))


def plain(struct: Struct) -> dict[str, Any]:
    """What ``json_format.MessageToDict`` makes of properties, in two thirds of its time."""
    return {key: _plain(value) for key, value in struct.fields.items()}


def _plain(value: Value) -> Any:  # noqa: ANN401 - as the SDK has it
    match value.WhichOneof("kind"):
        case "string_value":
            return value.string_value
        case "struct_value":
            return plain(value.struct_value)
        case "list_value":
            return [_plain(one) for one in value.list_value.values]
        case "number_value" if math.isfinite(value.number_value):
            return value.number_value
        case "bool_value":
            return value.bool_value
    # Null, or a number that JSON lacks: refused as the SDK's reader refuses it.
    return json_format.MessageToDict(value)


def _remembering(function: Callable[..., Any]) -> Callable[..., Any]:
    kept = _Kept()

    def read(*given: object) -> Any:  # noqa: ANN401 - as the SDK has it
        for before, result in kept.last:
            if len(before) == len(given) and all(map(operator.is_, before, given)):
                return result
        made = function(*given)
        kept.last.append((given, made))
        return made

    return read


class _Kept(threading.local):
    """What one thread read last: a resource, and the provider it is asked for with."""

    def __init__(self) -> None:
        self.last: deque[tuple[tuple[object, ...], Any]] = deque(maxlen=2)
