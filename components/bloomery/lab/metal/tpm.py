"""The TPM 2.0 of one machine: swtpm, which keeps what was sealed beside the disks.

Started with each power-on, as a TPM is reset by one; it ends when QEMU hangs up.
"""

from __future__ import annotations

from bloomery.lab.cgroup import Cgroup
from bloomery.lab.command import run
from bloomery.lab.metal.hardware import Hardware

PROGRAM = "swtpm"


def start_tpm(hardware: Hardware, cgroup: Cgroup) -> None:
    """Start it; its socket is there on return. LabError with its last words where it cannot."""
    hardware.tpm_state.mkdir(mode=0o700, parents=True, exist_ok=True)
    run([*cgroup.wrap(), *command(hardware)], cwd=hardware.run)


def command(hardware: Hardware) -> list[str]:
    """Its command line (swtpm(8)), to be run in the directory ``run``."""
    return [
        *(PROGRAM, "socket", "--tpm2", "--tpmstate", f"dir={hardware.tpm_state}"),
        *("--ctrl", f"type=unixio,path={hardware.tpm.name}", "--terminate", "--daemon"),
        *("--flags", "not-need-init,startup-clear", "--log", f"file={hardware.run / 'swtpm.log'}"),
    ]
