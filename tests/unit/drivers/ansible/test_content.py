"""Where the playbooks are, and what their digest depends on."""

from __future__ import annotations

from pathlib import Path

import pytest

import bloomery
from bloomery.drivers.ansible.content import content_digest, content_root, playbook_path
from bloomery.errors import NotReadyError

REPO = Path(__file__).resolve().parents[4]


def tree(root: Path) -> Path:
    for role, tasks in {
        "outer": "- ansible.builtin.import_role:\n    name: inner\n",
        "inner": "- ansible.builtin.debug:\n",
        "other": "- ansible.builtin.debug:\n",
    }.items():
        (root / "roles" / role / "tasks").mkdir(parents=True)
        (root / "roles" / role / "tasks" / "main.yml").write_text(tasks)
        (root / "roles" / role / "files").mkdir()
        (root / "roles" / role / "files" / "data").write_bytes(b"\x00data")
    (root / "playbooks").mkdir()
    (root / "library").mkdir()
    (root / "playbooks" / "one.yml").write_text("- hosts: all\n  roles:\n    - role: outer\n")
    return root


def test_from_a_checkout_the_content_is_the_repositorys():
    assert content_root() == REPO / "ansible"


def test_from_a_wheel_the_content_is_inside_the_package(tmp_path, monkeypatch):
    package = tmp_path / "lib/site-packages/bloomery"
    (package / "_content/ansible/playbooks").mkdir(parents=True)
    monkeypatch.setattr(bloomery, "__file__", str(package / "__init__.py"))
    assert content_root() == package / "_content/ansible"


def test_missing_content_and_missing_playbooks_say_so(tmp_path, monkeypatch):
    with pytest.raises(NotReadyError, match="no playbook 'nothing'"):
        playbook_path("nothing")
    monkeypatch.setattr(bloomery, "__file__", str(tmp_path / "a/b/__init__.py"))
    with pytest.raises(NotReadyError, match="content is missing"):
        content_root()


@pytest.mark.parametrize(
    "changed",
    ["playbooks/one.yml", "roles/outer/tasks/main.yml", "roles/inner/files/data", "library/new.py"],
)
def test_everything_the_playbook_runs_counts(tmp_path, changed):
    root = tree(tmp_path)
    before = content_digest("one", root)
    with (root / changed).open("ab") as file:
        file.write(b"\n# changed\n")
    assert content_digest("one", root) != before


def test_what_it_does_not_run_does_not_count(tmp_path):
    root = tree(tmp_path)
    before = content_digest("one", root)
    (root / "roles/other/files/data").write_text("changed")
    (root / "playbooks/two.yml").write_text("[]")
    (root / "roles/inner/__pycache__").mkdir()
    (root / "roles/inner/__pycache__/x.pyc").write_text("x")
    assert content_digest("one", root) == before


def test_every_playbook_of_the_product_has_a_digest_of_its_own():
    names = sorted(path.stem for path in (REPO / "ansible/playbooks").glob("*.yml"))
    assert names == ["base", "serve", "slurm", "train"]
    assert len({content_digest(name) for name in names}) == len(names)
