"""Properties are read once a resource, and never for another one."""

from __future__ import annotations

from types import ModuleType

import pytest
from google.protobuf import json_format, struct_pb2
from pulumi_policy import policy


@pytest.fixture
def once(pack: ModuleType) -> ModuleType:
    import once

    return once


def struct(**values: object) -> struct_pb2.Struct:
    return json_format.ParseDict(values, struct_pb2.Struct())


def test_the_same_is_read_once_and_another_anew(once: ModuleType) -> None:
    calls: list[object] = []
    read = once._remembering(lambda value: calls.append(value) or dict(value))
    first, equal = {"a": 1}, {"a": 1}
    assert read(first) is read(first)
    assert read(equal) is not read(first), "equal is not the same"
    assert len(calls) == 2


def test_a_resource_and_its_provider_by_turns_are_read_once_each(once: ModuleType) -> None:
    calls: list[object] = []
    read = once._remembering(lambda value: calls.append(value) or str(value))
    resource, provider = ["resource"], ["provider"]
    for _ in range(15):
        assert read(resource) == "['resource']"
        assert read(provider) == "['provider']"
    assert len(calls) == 2


def test_properties_are_read_as_the_sdk_reads_them(once: ModuleType) -> None:
    inner = {"whole": 3, "part": 0.5, "none": None, "yes": True, "empty": {}, "text": "1"}
    given = struct(**inner, list=[inner, [], [None, 2]], deep={"deeper": {"deepest": inner}})
    made, wanted = once.plain(given), json_format.MessageToDict(given)
    assert made == wanted
    assert repr(made["deep"]) == repr(wanted["deep"]), "types of numbers, too"


def test_a_number_that_json_lacks_is_refused(once: ModuleType) -> None:
    given = struct_pb2.Struct(fields={"power": struct_pb2.Value(number_value=float("nan"))})
    with pytest.raises(ValueError, match="NaN"):
        once.plain(given)


def test_the_sdk_reads_through_it_and_sees_the_same(
    once: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Names of the SDK that the pack replaces; a release without them must be looked at."""
    for name in ("json_format", "deserialize_properties", "unknown_checking_proxy"):
        monkeypatch.setattr(policy, name, getattr(policy, name))
    servicer = policy._PolicyAnalyzerServicer
    for name in ("_get_resource_options", "_get_provider_resource"):
        monkeypatch.setattr(servicer, name, getattr(servicer, name))
    one, two = struct(bmc={"address": "10.1.1.1"}), struct(bmc={"address": "10.1.1.2"})
    plain = [json_format.MessageToDict(each) for each in (one, two)]
    once.read_once()
    for _ in range(3):
        assert [policy.json_format.MessageToDict(each) for each in (one, two)] == plain
