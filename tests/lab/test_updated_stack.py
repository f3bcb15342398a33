"""A stack that the last release made is updated: nothing is replaced, nothing is wiped.

``last_release/stack.json`` is the stack of this site as release 0.1 (commit d380edc) left it,
exported by ``pulumi stack export --show-secrets``. It was relieved of stack traces, source
positions, the secrets provider and the path of the page, and holds no secret.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from lab_under_test import Pool, Story, changes, write_site

STACK = Path(__file__).parent / "last_release" / "stack.json"
POOLS = (Pool("mgmt", 1, "lab-node", "management"), Pool("node", 1, "lab-node", "training"))


def as_the_last_release_wrote(told: Story) -> None:
    """Journals whose subjects are called nodes, and the stack as it was then."""
    for path in told.state.journal.glob("*.jsonl"):
        path.write_text(path.read_text().replace('"subject": ', '"node": '))
    stack = json.loads(STACK.read_text())
    now = json.loads(told.pulumi("stack", "export").stdout)["deployment"]
    stack["deployment"]["secrets_providers"] = now["secrets_providers"]
    file = told.root / "stack.json"
    file.write_text(json.dumps(stack))
    done = told.pulumi("stack", "import", "--file", str(file))
    assert done.returncode == 0, done.stderr


def steps(told: Story, *arguments: str) -> dict[str, str]:
    """Resource -> what a preview would do with it; what stays the same is left out."""
    done = told.pulumi("preview", "--json", *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(done.stdout)["steps"]
    return {it["urn"].split("::")[-1]: it["op"] for it in found if it["op"] != "same"}


def test_a_stack_of_the_last_release(story: Callable[[str], Story], tmp_path: Path) -> None:
    write_site(tmp_path / "inventories", "upgraded", 88, POOLS, runs=("base",))
    told = story("upgraded")
    told.lab_up()
    told.ready()
    first = told.up()
    assert first.returncode == 0, first.stdout
    as_the_last_release_wrote(told)

    wanted = steps(told)
    assert wanted == {
        "upgraded": "update",
        "base": "create",  # the layer
        "mgmt-01": "update",
        "node-01": "update",
        "run-base-mgmt": "update",  # it was run-base below the cluster
        "run-base-node": "create",  # its machines were part of run-base
        "cluster": "update",
        "acceptance": "update",
        **dict.fromkeys(("fabric", "coolant", "storage"), "delete"),  # the site has none of them
    }
    done = told.up()
    assert done.returncode == 0, done.stdout
    assert "replace" not in done.stdout
    for node in ("mgmt-01", "node-01"):
        assert told.installations(node) == 1
        assert told.power(node) == "On"
        assert told.resources()[node]["ready"] is True
    assert "run-base" not in told.resources()
    assert told.resources()["acceptance"]["outcome"] == "pass"
    assert set(changes(told.up())) == {"unchanged"}
