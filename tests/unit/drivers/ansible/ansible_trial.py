"""Playbooks and jobs that run on this machine, and a look at what is left of them."""

from __future__ import annotations

import os
from pathlib import Path

from bloomery.drivers.ansible import workspace
from bloomery.drivers.ansible.protocol import Job, Target

PLAYBOOKS = {
    "three": """
- hosts: all
  gather_facts: false
  tasks:
    - name: Look
      ansible.builtin.command: "true"
      changed_when: false
    - name: Touch
      ansible.builtin.file: {path: "{{ place }}/touched-{{ inventory_hostname }}", state: touch}
    - name: Hand back
      ansible.builtin.set_stats:
        data: {answer: "{{ token | default('none') }}"}
        aggregate: false
""",
    "fails": """
- hosts: all
  gather_facts: false
  tasks:
    - name: Survive  # the run under test must tell a failure that was ignored from one that was not
      ansible.builtin.command: "false"
      ignore_errors: true
    - name: Break
      ansible.builtin.shell: echo "cannot use {{ token }}" >&2; exit 3
      when: inventory_hostname == 'one'
    - name: Never on one
      ansible.builtin.command: "true"
      changed_when: false
""",
    "rescued": """
- hosts: all
  gather_facts: false
  tasks:
    - block:
        - name: Break
          ansible.builtin.command: "false"
      rescue:
        - name: Mend
          ansible.builtin.command: "true"
          changed_when: false
""",
    # One process below the task, one that left session and parent behind, as ssh's masters do.
    "hangs": """
- hosts: all
  gather_facts: false
  tasks:
    - name: Leave something behind
      ansible.builtin.shell: setsid sh -c 'sleep {{ mark }}; true' >/dev/null 2>&1 &
      changed_when: true
    - name: Hang
      ansible.builtin.shell: sleep {{ mark }}; true
      changed_when: true
""",
    "broken": "- hosts: all\n  tasks:\n    - no_such_module: {}\n",
    "elsewhere": "- hosts: nowhere\n  gather_facts: false\n  tasks: []\n",
    "looks": r"""
- hosts: all
  gather_facts: false
  tasks:
    - name: See what a neighbour could see
      ansible.builtin.shell: |
        cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null \
          | tr '\0' '\n' > {{ place }}/seen
        ls -lRn {{ shelf }}/{{ owner }}-* > {{ place }}/files
        env > {{ place }}/env
      changed_when: true
""",
}


def local_job(playbook: str, hosts: tuple[str, ...] = ("one", "two"), **fields: object) -> Job:
    """A job whose hosts are all this machine, without ssh."""
    target = Target("127.82.0.1", 22, "nobody", "ssh-ed25519 AAAA", ("all_of_them",))
    local = {"ansible_connection": "local"}
    targets = {name: Target(**{**vars(target), "vars": local}) for name in hosts}
    return Job(playbook=playbook, targets=targets, login_key="not used", **fields)  # type: ignore[arg-type]


def processes_with(mark: str) -> list[int]:
    """Pids whose command line holds ``mark``."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                if mark in (entry / "cmdline").read_text(errors="replace"):
                    found.append(int(entry.name))
            except OSError:
                continue
    return found


def workspaces(owner: int) -> list[str]:
    """Runs of the process ``owner`` that have files on tmpfs."""
    return [path.name for path in workspace.shelf().glob(f"{owner}-*")]
