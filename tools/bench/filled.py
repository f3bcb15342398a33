"""Stacks of N nodes, and of N bare resources, filled once and used by several benches."""

from __future__ import annotations

import os
from contextlib import ExitStack
from dataclasses import dataclass, field

from bench.engine import INSTANT, PLUGIN, Project, bare_project, our_project
from bench.ground import Ground, Group, ground
from bench.results import ROOT
from bench.rounds import Say, timed
from bloomery.lab.factory import ensure_factory
from bloomery.lab.spec import spec_of
from bloomery.plan.resource_inputs import node_props
from bloomery.trust.secret import open_secret


@dataclass(frozen=True)
class Filled:
    """A site whose nodes are all in the state, and as many bare resources."""

    ground: Ground
    ours: Project
    bare: Project


@dataclass
class Shelf:
    """Filled stacks by size; all are gone when the benches end."""

    say: Say
    _stack: ExitStack = field(default_factory=ExitStack)
    _made: dict[int, Filled] = field(default_factory=dict)

    def get(self, count: int) -> Filled:
        """The stacks of ``count`` nodes, made at first use."""
        if count not in self._made:
            self._made[count] = self._fill(count)
        return self._made[count]

    def close(self) -> None:
        """Remove everything."""
        self._stack.close()

    def _fill(self, count: int) -> Filled:
        site = self._stack.enter_context(ground(f"bench{count}", [Group("node", count)]))
        resources = {n.name: node_props(site.plan, n) for n in site.plan.metal.nodes}
        filled = Filled(site, our_project(site), bare_project(site, resources))
        seconds = timed(lambda: _create(filled))
        self.say(f"{count} nodes brought up on instant machines in {seconds:.0f} s")
        seconds = timed(filled.bare.up)
        self.say(f"{count} bare resources created in {seconds:.0f} s")
        filled.ours.nothing_changes()
        filled.bare.nothing_changes()
        return filled


def _create(filled: Filled) -> None:
    """Bring all nodes up by the real phases, then hand the stack to the real provider."""
    site, project = filled.ground, filled.ours
    secret = open_secret(site.state.secret)
    ensure_factory(secret, spec_of(site.plan, site.state.lab, time_factor=0.0), site.state.factory)
    everyday = project.env
    path = os.pathsep.join([str(ROOT / "tools"), str(ROOT / "components")])
    project.env = {**everyday, "PYTHONPATH": path}
    project.use("bloomery", INSTANT)
    # Nobody reads media here, so none is made: there is no web server with an image.
    project.pulumi("config", "set", "bloomery:media", "two")
    project.up()
    project.env = everyday
    project.use("bloomery", PLUGIN)
