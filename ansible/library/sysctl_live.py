#!/usr/bin/python
"""Ansible module: make the running kernel agree with a set of settings."""

from __future__ import annotations

from pathlib import Path

from ansible.module_utils.basic import AnsibleModule

DOCUMENTATION = r"""
---
module: sysctl_live
short_description: Make the running kernel agree with a set of settings
description:
  - Compares C(/proc/sys) with what is wanted and writes what differs.
  - A container sees the machine's kernel and may write only its own network settings. With
    O(shared_kernel) a setting that cannot be written is reported in RV(left) and is no failure.
options:
  settings:
    description: Name, with dots, to value.
    type: dict
    required: true
  shared_kernel:
    description: Whether the kernel belongs to the machine below.
    type: bool
    default: false
author: bloomery
"""

RETURN = r"""
left:
  description: Settings that differ and belong to the machine below.
  type: list
  returned: always
"""


def path_of(name: str) -> Path:
    """File of a setting."""
    return Path("/proc/sys") / name.replace(".", "/")


def differs(name: str, value: object) -> bool:
    """Whether the kernel holds another value; fields may be parted by any space."""
    return path_of(name).read_text().split() != str(value).split()


def apply(module: AnsibleModule, name: str, value: object) -> bool:
    """Write one setting that differs. Returns False where a container may not."""
    try:
        # opening for writing is refused in check mode too, so both modes agree
        with path_of(name).open("r+") as file:
            if not module.check_mode:
                file.write(str(value))
        return True
    except OSError as error:
        if module.params["shared_kernel"]:
            return False
        return bool(module.fail_json(msg=f"{name} = {value}: {error}"))


def main() -> None:
    """Entry point of the module."""
    module = AnsibleModule(
        argument_spec={
            "settings": {"type": "dict", "required": True},
            "shared_kernel": {"type": "bool", "default": False},
        },
        supports_check_mode=True,
    )
    changed, left = [], []
    for name, value in sorted(module.params["settings"].items()):
        if not path_of(name).exists():
            if not module.params["shared_kernel"]:
                module.fail_json(msg=f"this kernel has no setting {name}")
            left.append(name)
        elif differs(name, value):
            (changed if apply(module, name, value) else left).append(name)
    module.exit_json(changed=bool(changed), written=changed, left=left)


if __name__ == "__main__":
    main()
