"""Machines with firmware and a kernel of their own: QEMU with UEFI, virtual CDs and disks.

Lives here: what the power button of a lab's BMC switches where the model is ``lab-metal``,
and the medium that such a machine installs itself from. Firmware (OVMF), shim, GRUB and
kernel are Debian's own; each instruction is translated, so seconds become minutes. Must not
live here: how a BMC behaves (``drivers.redfish.fake``), nor anything a guest or ghost needs.
"""
