#!/bin/busybox sh
# The installer of a machine: process 1 of the installation medium's initramfs. Lays the
# host image of the medium on the disk, as the machine's seed says, and switches off.
# Every line on the console begins with "installer:". What it refuses, it says and stands
# still, as the disk is then either untouched or without a boot loader.
set -u
# No udev here: device-mapper makes its own nodes.
export PATH=/bin DM_DISABLE_UDEV=1

say() { echo "installer: $*" >/dev/console; }

halt() {
    say "halted: $*"
    sync
    while :; do sleep 3600; done
}

# Runs one step; its own words go to the console when it fails.
must() {
    "$@" >/tmp/said 2>&1 && return
    sed 's/^/installer: | /' /tmp/said >/dev/console
    halt "step failed: $1"
}

begin() {
    /bin/busybox mkdir -p /proc /sys /dev /tmp /run/cryptsetup /disc /os /seed /target /boot-files /usr/bin
    /bin/busybox --install -s /bin
    mount -t proc none /proc
    mount -t sysfs none /sys
    mount -t devtmpfs none /dev
    ln -s /proc/self/fd /dev/fd
    mount -t tmpfs none /tmp
    while read -r module; do
        insmod "/modules/$module" 2>/dev/null || say "module $module cannot be loaded"
    done </modules/order
    say "started, kernel $(uname -r)"
}

# Volume identifier of an ISO 9660 disc (ECMA-119 8.4.7): bytes 40-71 of sector 16.
volume() { dd if="$1" bs=1 skip=32808 count=32 2>/dev/null | sed 's/ *$//'; }

# Mounts what a disc has on it, if that is still looked for: the OS medium at /os, the seed at
# /seed. A combined medium has both in its root, and the volume name of a seed.
look_at() {
    mount -t iso9660 -o ro "$1" /disc 2>/dev/null || return
    [ -f /os/manifest.json ] || [ ! -f /disc/manifest.json ] || mount -t iso9660 -o ro "$1" /os
    [ -f /seed/meta.json ] || [ ! -f /disc/meta.json ] || mount -t iso9660 -o ro "$1" /seed
    umount /disc
}

# Drives need a moment to be found.
find_media() {
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        for drive in /dev/sr*; do
            [ -b "$drive" ] || continue
            case "$(volume "$drive")" in
                BLOOMERY_OS | CIDATA) look_at "$drive" ;;
            esac
        done
        [ -f /seed/meta.json ] && [ -f /os/manifest.json ] && return
        sleep 1
    done
    [ -f /os/manifest.json ] || halt "no installation medium found"
    halt "no seed found"
}

meta() { jq -er ".$1 // empty" /seed/meta.json 2>/dev/null; }

# Small letters, so that firmware and delivery list may differ in case.
firmware() { cat "/sys/class/dmi/id/$1" 2>/dev/null | tr 'A-Z' 'a-z' | sed 's/^ *//; s/ *$//'; }

prove_identity() {
    uuid=$(meta system_uuid | tr 'A-Z' 'a-z')
    serial=$(meta chassis_serial | tr 'A-Z' 'a-z')
    [ -n "$uuid" ] && [ -n "$serial" ] || halt "refused: the seed does not say which machine it is for"
    [ "$(firmware product_uuid)" = "$uuid" ] ||
        halt "refused: the seed is for UUID $uuid, this machine is $(firmware product_uuid)"
    [ "$(firmware product_serial)" = "$serial" ] || [ "$(firmware chassis_serial)" = "$serial" ] ||
        halt "refused: the seed is for serial $serial, this machine is $(firmware product_serial)"
    say "identity: $(meta node), serial and UUID as the seed says"
}

# The seed came from the site over the BMC; the key it brings decides about the medium.
verify_medium() {
    [ -f /seed/medium.pub ] || halt "refused: the seed brings no key of the medium"
    openssl pkeyutl -verify -pubin -inkey /seed/medium.pub -rawin \
        -in /os/manifest.json -sigfile /os/manifest.sig >/dev/null 2>&1 ||
        halt "refused: the manifest is not signed by this site"
    jq -er '.files | to_entries[] | .value + "  " + .key' /os/manifest.json >/tmp/digests ||
        halt "refused: the manifest names no files"
    for part in host.ext4.zst host-initrd.img; do
        grep -q " $part\$" /tmp/digests || halt "refused: the manifest names no $part"
    done
    (cd /os && sha256sum -c /tmp/digests) >/tmp/said 2>&1 ||
        halt "refused: not as the manifest says: $(grep -v ': OK$' /tmp/said | head -n 1)"
    say "manifest: signature and digests are right"
}

# Whether the firmware enforces Secure Boot (UEFI 2.10, 3.3): the byte behind four of attributes.
secure_boot() {
    mount -t efivarfs none /sys/firmware/efi/efivars 2>/dev/null
    variable=/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c
    [ "$(tail -c 1 "$variable" 2>/dev/null | hexdump -e '1/1 "%u"')" = 1 ]
}

lacks() { lacking="${lacking:+$lacking; }$*"; }

# Nothing is touched unless this machine has all that the site wants of it.
choose_disks() {
    mirror=$(meta os_mirror) encrypt=$(meta os_encrypt) secure=$(meta secure_boot) lacking=
    set --
    for found in /dev/nvme[0-9]*n1 /dev/vd[a-z] /dev/sd[a-z]; do
        [ -b "$found" ] && set -- "$@" "$found"
    done
    disks=${1:-}
    [ $# -ge 1 ] || lacks "a disk"
    case "$mirror" in
        "") ;;
        raid1) disks="$disks ${2:-}" && [ $# -ge 2 ] || lacks "a second disk for the mirror" ;;
        *) lacks "a mirror of kind $mirror" ;;
    esac
    case "$encrypt" in
        "") ;;
        luks2)
            [ -c /dev/tpmrm0 ] || lacks "a TPM 2.0 for the encrypted disk"
            [ -s /seed/disk_recovery_key ] || lacks "a recovery key in the seed"
            ;;
        *) lacks "encryption of kind $encrypt" ;;
    esac
    [ -z "$secure" ] || secure_boot || lacks "Secure Boot, which the firmware does not enforce"
    [ -z "$lacking" ] || halt "refused: the site wants what is not there: $lacking"
}

# Partition N of a disk.
part() { case "$1" in *[0-9]) echo "$1p$2" ;; *) echo "$1$2" ;; esac; }

# Partition N of every disk chosen.
parts() { for disk in $disks; do part "$disk" "$1"; done; }

# Without a mirror and encryption: boot loader, and a root file system the kernel finds by itself.
# Else also /boot, which GRUB and initrd are read from.
partition() {
    say "installing $(jq -r .image /os/media.json) for $(meta node)"
    if [ -z "$mirror$encrypt" ]; then
        boot='' last=2
    else
        boot='size=128MiB, type=L, name=boot' last=3
    fi
    # An EFI system partition of 64 MiB holds shim and GRUB (6 MB); FAT32 needs 33 MiB.
    printf '%s\n' 'label: gpt' 'size=64MiB, type=U, name=esp' ${boot:+"$boot"} 'type=L, name=root' >/tmp/table
    for disk in $disks; do
        # All that was there goes first: what is half laid must not boot, no old array or file
        # system may be found, and what the image leaves out must read as zeros.
        must blkdiscard "$disk"
        must dd if=/dev/zero of="$disk" bs=1M count=8
        must sfdisk --quiet --wipe always "$disk" </tmp/table
    done
    for _ in 1 2 3 4 5; do
        [ -b "$(part "$disk" "$last")" ] && break
        sleep 1
    done
    say "disk: $disks with a fresh partition table"
}

# An array of partition N of both disks. Both read as zeros, so nothing needs to be copied.
array() { # NAME N METADATA
    must mdadm --create "/dev/md$2" --run --level=1 --raid-devices=2 --metadata="$3" \
        --assume-clean --bitmap=none --homehost=any --name="$1" $(parts "$2")
}

# Makes $root and, where there is one, $boot.
layers() {
    boot=$(parts 2) root=$(parts "$last")
    if [ -n "$mirror" ]; then
        # At its end, so that GRUB reads either half as a file system.
        array boot 2 1.0
        array root 3 1.2
        boot=/dev/md2 root=/dev/md3
        say "disk: mirrored by RAID 1"
    fi
    luks=
    [ -z "$encrypt" ] && return
    luks=$root
    # The key has 256 random bits: there is nothing for many iterations to protect.
    must cryptsetup luksFormat --batch-mode --type luks2 --pbkdf pbkdf2 --pbkdf-force-iterations 1000 \
        --key-file /seed/disk_recovery_key "$luks"
    must cryptsetup open --key-file /seed/disk_recovery_key "$luks" root
    root=/dev/mapper/root
    sealed=UUID=$(cryptsetup luksUUID "$luks") || halt "the encrypted disk has no UUID"
    say "disk: encrypted by LUKS2"
}

# What an encrypted disk has never been written is no zeros: there the image is written whole.
unpack() {
    sparse=conv=sparse
    [ -z "$luks" ] || sparse=conv=notrunc
    zstd -dcq /os/host.ext4.zst 2>/tmp/said |
        /bin/dd of="$root" bs=1M "$sparse" iflag=fullblock 2>/dev/null ||
        halt "the image cannot be unpacked"
    must resize2fs -f "$root"
    must mount -t ext4 "$root" /target
    say "disk: image written"
}

put() { # PATH MODE, content from standard input; a link of the image is replaced, never followed
    mkdir -p "/target/${1%/*}"
    rm -f "/target/$1"
    (umask 077 && cat >"/target/$1") || halt "cannot write $1"
    chmod "$2" "/target/$1"
}

name() {
    hostname=$(meta hostname) || halt "the seed has no host name"
    fqdn=$(meta fqdn)
    address=$(sed -n 's/^Address=\([^/]*\).*/\1/p' /seed/host.network)
    echo "$hostname" | put etc/hostname 644
    printf '127.0.0.1 localhost\n%s %s\n' "$address" "${fqdn:+$fqdn }$hostname" | put etc/hosts 644
    meta system_uuid | tr 'A-Z' 'a-z' | tr -d - | put etc/machine-id 444
    put etc/systemd/network/10-bloomery.network 644 </seed/host.network
    say "seed: $hostname at $address"
}

user() {
    user=$(meta user) || halt "the seed has no user"
    must chroot /target /usr/sbin/useradd --create-home --shell /bin/bash "$user"
    echo "$user ALL=(ALL) NOPASSWD: ALL" | put "etc/sudoers.d/$user" 440
    put "home/$user/.ssh/authorized_keys" 600 </seed/authorized_keys
    chmod 700 "/target/home/$user/.ssh"
    must chroot /target /bin/chown -R "$user:$user" "/home/$user/.ssh"
    say "seed: user $user"
}

host_key() {
    put etc/ssh/ssh_host_ed25519_key 600 </seed/ssh_host_ed25519_key
    put etc/ssh/ssh_host_ed25519_key.pub 644 </seed/ssh_host_ed25519_key.pub
    port=$(meta ssh_port)
    printf '%s\n' "Port ${port:-22}" "HostKey /etc/ssh/ssh_host_ed25519_key" \
        "PasswordAuthentication no" "KbdInteractiveAuthentication no" "PermitRootLogin no" \
        "UseDNS no" | put etc/ssh/sshd_config.d/10-bloomery.conf 644
    say "seed: host key $(cut -d' ' -f2 /seed/ssh_host_ed25519_key.pub | tail -c 13)"
}

# Packages come from the mirror the medium names, and from nowhere else.
packages() {
    rm -f /target/etc/apt/sources.list /target/etc/apt/sources.list.d/*
    printf '%s\n' 'APT::Install-Recommends "false";' 'Acquire::Languages "none";' \
        'Acquire::http::Proxy "false";' | put etc/apt/apt.conf.d/90bloomery 644
    depot=$(jq -er '.depot | select(. and . != "")' /os/media.json) || return 0
    suite=$(jq -er '.suite' /os/manifest.json) || halt "the manifest names no suite"
    put etc/apt/keyrings/bloomery-depot.asc 644 </os/depot.asc
    printf '%s\n' "Types: deb" "URIs: $depot" "Suites: $suite" "Components: main" \
        "Signed-By: /etc/apt/keyrings/bloomery-depot.asc" | put etc/apt/sources.list.d/bloomery.sources 644
    say "packages: from $depot"
}

record() {
    jq -c '{site, node, image, generation: (.generation | tonumber)}' /seed/meta.json |
        put etc/bloomery/install.json 644
}

# A second key of the disk, which the TPM gives out as long as PCR 7 is what it is now: Secure
# Boot and whose signatures started this (TCG PC Client Platform Firmware Profile, PCR[7]).
seal() {
    [ -n "$luks" ] || return
    for each in dev proc sys; do must mount -o bind "/$each" "/target/$each"; done
    must mount -t tmpfs none /target/run
    chroot /target /usr/bin/env PATH=/usr/sbin:/usr/bin clevis luks bind -y -k - -d "$luks" tpm2 \
        '{"pcr_bank":"sha256","pcr_ids":"7"}' </seed/disk_recovery_key >/tmp/said 2>&1 || {
        sed 's/^/installer: | /' /tmp/said >/dev/console
        halt "the TPM does not seal a key"
    }
    for each in run sys proc dev; do must umount "/target/$each"; done
    say "disk: a key is sealed by the TPM, PCR 7"
}

# /boot of a mirrored or encrypted disk: a file system of its own, which is mounted as such.
boot_files() {
    [ "$last" = 3 ] || return
    must mkfs.ext4 -q -F -L bloomery-boot "$boot"
    must mount -t ext4 "$boot" /boot-files
    kernel=$(readlink /target/boot/vmlinuz)
    must cp "/target/boot/$kernel" /boot-files/
    must cp /os/host-initrd.img "/boot-files/initrd.img-${kernel#vmlinuz-}"
    ln -s "$kernel" /boot-files/vmlinuz
    ln -s "initrd.img-${kernel#vmlinuz-}" /boot-files/initrd.img
    must umount /boot-files
    echo "LABEL=bloomery-boot /boot ext4 defaults,nofail 0 2" | put etc/fstab 644
    [ -z "$luks" ] || echo "root $sealed none luks,initramfs" | put etc/crypttab 600
}

# Last: without it the disk does not boot, so that a broken installation is never mistaken for one.
boot_loader() {
    # rw: without an fstab nothing makes the root writable later.
    if [ "$last" = 3 ]; then
        volume=bloomery-boot kernel="/vmlinuz root=LABEL=bloomery-root"
        kernel="$kernel${luks:+ cryptopts=target=root,source=$sealed,luks}"
        ram='initrd /initrd.img'
    else
        volume=bloomery-root ram=''
        kernel="/boot/vmlinuz root=PARTUUID=$(sfdisk --part-uuid "$disks" 2)" ||
            halt "the root partition has no UUID"
    fi
    must umount /target
    [ -z "$luks" ] || must cryptsetup close root
    [ -z "$mirror" ] || must mdadm --stop "$boot" /dev/md3
    for esp in $(parts 1); do
        must mkfs.vfat -F 32 -n ESP "$esp"
        must mount -t vfat "$esp" /target
        mkdir -p /target/EFI/BOOT /target/EFI/debian
        must cp /boot/shim/BOOTX64.EFI /boot/shim/grubx64.efi /boot/shim/mmx64.efi /target/EFI/BOOT/
        cat >/target/EFI/debian/grub.cfg <<END
serial --unit=0 --speed=115200
terminal_output serial
search --no-floppy --label $volume --set=root
linux $kernel rw console=ttyS0 systemd.show_status=1
$ram
boot
END
        must umount /target
    done
    say "boot loader: shim and GRUB"
}

begin
find_media
prove_identity
verify_medium
choose_disks
partition
layers
unpack
name
user
host_key
packages
record
seal
boot_files
boot_loader
sync
say "installation complete, switching off"
poweroff -f
