#!/usr/bin/python
"""Ansible module: put a set of small files in place in one round trip."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule

DOCUMENTATION = r"""
---
module: place_files
short_description: Put a set of small files in place in one round trip
description:
  - A template costs two round trips a file. A topic of several files, and the folders they
    need, costs one here.
  - Every file is validated and written beside its place, then renamed. Owner is root.
options:
  files:
    description: The files, each with C(path), C(content), C(mode) and C(validate).
    type: list
    elements: dict
    required: true
author: bloomery
"""

RETURN = r"""
paths:
  description: Files that were, or in check mode would be, changed.
  type: list
  returned: always
"""

FIELDS = {
    "path": {"type": "path", "required": True},
    "content": {"type": "str", "required": True},
    "mode": {"type": "str", "default": "0644"},
    "validate": {"type": "str"},
}


def agrees(path: Path, content: bytes, mode: int) -> bool:
    """Whether the file is as wanted: plain, root's, with this mode and content."""
    try:
        seen = path.lstat()
        plain = seen.st_mode == (0o100000 | mode) and seen.st_uid == seen.st_gid == 0
        return plain and path.read_bytes() == content
    except OSError:
        return False


def write(module: AnsibleModule, path: Path, content: bytes, mode: int, check: str | None) -> None:
    """Validate ``content`` and put it in place. Fails the module where it is refused."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=str(path.parent), prefix=".bloomery-")
    draft = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chown(draft, 0, 0)
        draft.chmod(mode)
        if check:
            code, out, err = module.run_command(check.replace("%s", name))
            if code:
                module.fail_json(msg=f"{path} is not valid: {(err or out).strip()}")
        draft.rename(path)
    finally:
        draft.unlink(missing_ok=True)


def main() -> None:
    """Entry point of the module."""
    module = AnsibleModule(
        argument_spec={
            "files": {"type": "list", "elements": "dict", "options": FIELDS, "required": True}
        },
        supports_check_mode=True,
    )
    changed = []
    for file in module.params["files"]:
        path, content, mode = Path(file["path"]), file["content"].encode(), int(file["mode"], 8)
        if agrees(path, content, mode):
            continue
        changed.append(str(path))
        if not module.check_mode:
            write(module, path, content, mode, file["validate"])
    module.exit_json(changed=bool(changed), paths=changed)


if __name__ == "__main__":
    main()
