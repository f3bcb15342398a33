"""Properties survive the wire, unknown ones of a preview too."""

from __future__ import annotations

import pytest
from google.protobuf.struct_pb2 import Struct

from bloomery.provider.values import UNKNOWN, Props, beyond, known, read, whole, write

# Go's sdk/go/common/resource/plugin/rpc.go: bool, number, string, array, object.
SENTINELS = (
    "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
    "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
    "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
    "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
    "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
)


def test_unknown_comes_back_unknown_at_any_depth() -> None:
    props = read(write({"ready": {"a": UNKNOWN, "b": True}, "list": ["x", UNKNOWN]}))
    assert props == {"ready": {"a": UNKNOWN, "b": True}, "list": ["x", UNKNOWN]}
    assert not known(props)


@pytest.mark.parametrize("sentinel", SENTINELS)
def test_every_sentinel_of_the_engine_is_unknown(sentinel: str) -> None:
    struct = Struct()
    struct.update({"value": sentinel})
    assert read(struct) == {"value": UNKNOWN}


def test_plain_values_stay() -> None:
    props = {"text": "1c4a061d", "number": 3, "yes": True, "none": None, "map": {"a": [1.5]}}
    assert read(write(props)) == props
    assert known(read(write(props)))


def test_secrets_are_marked_and_opened() -> None:
    struct = write({"nonce": "n", "name": "x"}, secrets={"nonce"})
    assert struct.fields["nonce"].HasField("struct_value")
    assert struct.fields["name"].string_value == "x"
    assert read(struct) == {"nonce": "n", "name": "x"}


def test_only_what_goes_beyond_the_inputs_is_stored_and_nothing_is_lost() -> None:
    inputs: Props = {"name": "n01", "bios": {"Boot": "Uefi"}, "unit": 1.0}
    found: Props = {**inputs, "bios": {"Boot": "Legacy"}, "phase": "reachable"}
    stored = beyond(inputs, found)
    assert stored == {"bios": {"Boot": "Legacy"}, "phase": "reachable"}
    assert whole(write(inputs), write(stored)) == found
    assert whole(write(inputs), write({})) == inputs
