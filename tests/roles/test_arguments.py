"""Every role refuses to begin without what it declares as required."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from bloomery.drivers.ansible import client
from bloomery.drivers.ansible.protocol import Job, Target

ROOT = Path(__file__).resolve().parents[2] / "ansible"
ROLES = sorted(path.name for path in (ROOT / "roles").iterdir())


def spec(role: str) -> dict[str, dict[str, object]]:
    text = (ROOT / "roles" / role / "meta/argument_specs.yml").read_text()
    return yaml.safe_load(text)["argument_specs"]["main"]["options"]


def required(role: str) -> list[str]:
    return sorted(name for name, option in spec(role).items() if option.get("required"))


@pytest.fixture
def content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for part in ("roles", "library"):
        (tmp_path / part).symlink_to(ROOT / part)
    (tmp_path / "playbooks").mkdir()
    monkeypatch.setattr(client, "content_root", lambda: tmp_path)
    return tmp_path


async def begin(content: Path, role: str, given: dict[str, object]) -> tuple[str, str]:
    """First failing task and reason of the role; the host is never reached."""
    play = [{"hosts": "all", "gather_facts": False, "roles": [{"role": role, "vars": given}]}]
    (content / "playbooks/one.yml").write_text(yaml.safe_dump(play))
    target = Target("127.82.0.9", 1, "deploy", "ssh-ed25519 AAAA")
    result = await client.run(Job("one", {"one": target}, "no key"), lambda _: None)
    return result.hosts["one"].failed_task, result.hosts["one"].reason


@pytest.mark.parametrize("role", ROLES)
async def test_without_variables_it_names_those_that_are_missing(content, role):
    # the one default that comes from facts of the host, which is not there
    container = {name: False for name in spec(role) if name.endswith("_container")}
    task, reason = await begin(content, role, container)
    assert "Validating arguments" in task
    for name in required(role):
        assert name in reason


async def test_a_value_of_the_wrong_kind_is_refused(content):
    task, reason = await begin(content, "depot_install", {"depot_install_packages": {"a": 1}})
    assert "Validating arguments" in task
    assert "depot_install_packages" in reason


@pytest.mark.parametrize("role", ROLES)
def test_a_role_declares_every_variable_it_sets_a_default_for(role):
    defaults = ROOT / "roles" / role / "defaults/main.yml"
    names = set(yaml.safe_load(defaults.read_text())) if defaults.exists() else set()
    assert names <= set(spec(role))
    assert all(name.startswith(f"{role}_") for name in spec(role))
