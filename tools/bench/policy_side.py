"""The sovereign pack over the resources of a site, as the engine asks for them.

Run as a process of its own, since a pack's modules have short names. Prints JSON: seconds of CPU
time of the stream, and findings. Each resource comes as the bytes gRPC would hand over and goes
through the servicer with every rule; the socket between engine and pack is left out.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping, Sequence
from itertools import cycle, islice
from pathlib import Path

from google.protobuf import json_format, struct_pb2
from pulumi.runtime.proto import analyzer_pb2
from pulumi_policy import EnforcementLevel, policy

from bloomery.plan import Plan, make_plan
from bloomery.plan.resource_inputs import node_props, site_props
from bloomery.site import load

PACK = Path(__file__).resolve().parents[2] / "policies" / "sovereign"


def requests(plan: Plan) -> list[bytes]:
    """The site, then every node, each with the provider it belongs to."""
    provider = analyzer_pb2.AnalyzerProviderResource(
        type="pulumi:providers:bloomery",
        properties=_struct({"version": "0.1.0"}),
        urn=f"urn:pulumi:{plan.site.name}::ai-factory::pulumi:providers:bloomery::default",
        name="default",
    )
    made = [_request(plan, "bloomery:site:Site", plan.site.name, site_props(plan), provider)]
    made += [
        _request(plan, "bloomery:metal:Node", node.name, node_props(plan, node), provider)
        for node in plan.metal.nodes
    ]
    return made


def _request(
    plan: Plan,
    kind: str,
    name: str,
    props: Mapping[str, object],
    provider: analyzer_pb2.AnalyzerProviderResource,
) -> bytes:
    request = analyzer_pb2.AnalyzeRequest(
        type=kind,
        properties=_struct(props),
        urn=f"urn:pulumi:{plan.site.name}::ai-factory::{kind}::{name}",
        name=name,
        options=analyzer_pb2.AnalyzerResourceOptions(protect=True),
        provider=provider,
    )
    return bytes(request.SerializeToString())


def _struct(props: Mapping[str, object]) -> struct_pb2.Struct:
    return json_format.ParseDict(dict(props), struct_pb2.Struct())


def judged(stream: Sequence[bytes]) -> tuple[float, int]:
    """Seconds of CPU time for the stream, and findings."""
    from pack import NAME, policies  # type: ignore[import-not-found]  # by its folder on the path

    servicer = policy._PolicyAnalyzerServicer(NAME, "1", policies(), EnforcementLevel.MANDATORY)
    found = 0
    begun = time.process_time()
    for data in stream:
        request = analyzer_pb2.AnalyzeRequest.FromString(data)
        found += len(servicer.Analyze(request, None).diagnostics)  # type: ignore[no-untyped-call]
    return time.process_time() - begun, found


def main() -> None:
    """``policy_side.py SITE COUNT [--plain]``: ``--plain`` is the SDK as it comes."""
    sys.path.insert(0, str(PACK))
    if "--plain" not in sys.argv:
        from by_type import ask_by_type  # type: ignore[import-not-found]  # by the path
        from once import read_once  # type: ignore[import-not-found]  # by its folder on the path

        read_once()
        ask_by_type()
    ready = requests(make_plan(load(sys.argv[1])))
    stream = list(islice(cycle(ready), int(sys.argv[2])))
    seconds, found = judged(stream)
    sys.stdout.write(json.dumps({"seconds": seconds, "findings": found}) + "\n")


if __name__ == "__main__":
    main()
