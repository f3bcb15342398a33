#!/bin/busybox sh
# The installer of a machine: process 1 of the installation medium's initramfs. Lays the
# host image of the medium on the first disk, as the machine's seed says, and switches off.
# Every line on the console begins with "installer:". What it refuses, it says and stands
# still, as the disk is then either untouched or without a boot loader.
set -u
export PATH=/bin

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
    /bin/busybox mkdir -p /proc /sys /dev /tmp /os /seed /target /usr/bin
    /bin/busybox --install -s /bin
    mount -t proc none /proc
    mount -t sysfs none /sys
    mount -t devtmpfs none /dev
    mount -t tmpfs none /tmp
    while read -r module; do
        insmod "/modules/$module" 2>/dev/null || say "module $module cannot be loaded"
    done </modules/order
    say "started, kernel $(uname -r)"
}

# Volume identifier of an ISO 9660 disc (ECMA-119 8.4.7): bytes 40-71 of sector 16.
volume() { dd if="$1" bs=1 skip=32808 count=32 2>/dev/null | sed 's/ *$//'; }

# Mounts the OS medium at /os; $seed is then the folder of the seed: a disc of its own, or
# a folder of the OS medium. Drives need a moment to be found.
find_media() {
    seed=
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        for drive in /dev/sr*; do
            [ -b "$drive" ] || continue
            case "$(volume "$drive")" in
                BLOOMERY_OS) [ -f /os/manifest.json ] || mount -t iso9660 -o ro "$drive" /os 2>/dev/null ;;
                CIDATA) [ -f /seed/meta.json ] || mount -t iso9660 -o ro "$drive" /seed 2>/dev/null ;;
            esac
        done
        [ -f /seed/meta.json ] && seed=/seed
        [ -z "$seed" ] && [ -f /os/seed/meta.json ] && seed=/os/seed
        [ -n "$seed" ] && [ -f /os/manifest.json ] && return
        sleep 1
    done
    [ -f /os/manifest.json ] || halt "no installation medium found"
    halt "no seed found"
}

meta() { jq -er ".$1 // empty" "$seed/meta.json" 2>/dev/null; }

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
    [ -f "$seed/medium.pub" ] || halt "refused: the seed brings no key of the medium"
    openssl pkeyutl -verify -pubin -inkey "$seed/medium.pub" -rawin \
        -in /os/manifest.json -sigfile /os/manifest.sig >/dev/null 2>&1 ||
        halt "refused: the manifest is not signed by this site"
    jq -er '.files | to_entries[] | .value + "  " + .key' /os/manifest.json >/tmp/digests ||
        halt "refused: the manifest names no files"
    grep -q ' host.ext4.zst$' /tmp/digests || halt "refused: the manifest names no image"
    (cd /os && sha256sum -c /tmp/digests) >/tmp/said 2>&1 ||
        halt "refused: not as the manifest says: $(grep -v ': OK$' /tmp/said | head -n 1)"
    say "manifest: signature and digests are right"
}

partition() {
    say "installing $(jq -r .image /os/media.json) for $(meta node)"
    disk=
    for found in /dev/nvme0n1 /dev/vda /dev/sda; do
        [ -b "$found" ] && disk=$found && break
    done
    [ -n "$disk" ] || halt "no disk found"
    case "$disk" in *[0-9]) part=${disk}p ;; *) part=$disk ;; esac
    # Old partitions and file systems go first: what is half laid must not boot.
    must dd if=/dev/zero of="$disk" bs=1M count=8
    # An EFI system partition of 64 MiB holds shim and GRUB (6 MB); FAT32 needs 33 MiB.
    printf 'label: gpt\nsize=64MiB, type=U, name=esp\ntype=L, name=root\n' >/tmp/table
    must sfdisk --quiet --wipe always "$disk" </tmp/table
    say "disk: $disk has a fresh partition table"
}

unpack() {
    for _ in 1 2 3 4 5; do
        [ -b "${part}2" ] && break
        sleep 1
    done
    zstd -dcq /os/host.ext4.zst 2>/tmp/said | /bin/dd of="${part}2" bs=1M conv=sparse iflag=fullblock 2>/dev/null ||
        halt "the image cannot be unpacked"
    must resize2fs -f "${part}2"
    must mount -t ext4 "${part}2" /target
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
    address=$(sed -n 's/^Address=\([^/]*\).*/\1/p' "$seed/host.network")
    echo "$hostname" | put etc/hostname 644
    printf '127.0.0.1 localhost\n%s %s\n' "$address" "${fqdn:+$fqdn }$hostname" | put etc/hosts 644
    meta system_uuid | tr 'A-Z' 'a-z' | tr -d - | put etc/machine-id 444
    put etc/systemd/network/10-bloomery.network 644 <"$seed/host.network"
    say "seed: $hostname at $address"
}

user() {
    user=$(meta user) || halt "the seed has no user"
    must chroot /target /usr/sbin/useradd --create-home --shell /bin/bash "$user"
    echo "$user ALL=(ALL) NOPASSWD: ALL" | put "etc/sudoers.d/$user" 440
    put "home/$user/.ssh/authorized_keys" 600 <"$seed/authorized_keys"
    chmod 700 "/target/home/$user/.ssh"
    must chroot /target /bin/chown -R "$user:$user" "/home/$user/.ssh"
    say "seed: user $user"
}

host_key() {
    put etc/ssh/ssh_host_ed25519_key 600 <"$seed/ssh_host_ed25519_key"
    put etc/ssh/ssh_host_ed25519_key.pub 644 <"$seed/ssh_host_ed25519_key.pub"
    port=$(meta ssh_port)
    printf '%s\n' "Port ${port:-22}" "HostKey /etc/ssh/ssh_host_ed25519_key" \
        "PasswordAuthentication no" "KbdInteractiveAuthentication no" "PermitRootLogin no" \
        "UseDNS no" | put etc/ssh/sshd_config.d/10-bloomery.conf 644
    say "seed: host key $(cut -d' ' -f2 "$seed/ssh_host_ed25519_key.pub" | tail -c 13)"
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
    jq -c '{site, node, image, generation: (.generation | tonumber)}' "$seed/meta.json" |
        put etc/bloomery/install.json 644
}

# Last: without it the disk does not boot, so that a broken installation is never mistaken for one.
boot_loader() {
    root=$(sfdisk --part-uuid "$disk" 2) || halt "the root partition has no UUID"
    must umount /target
    must mkfs.vfat -F 32 -n ESP "${part}1"
    must mount -t vfat "${part}1" /target
    mkdir -p /target/EFI/BOOT /target/EFI/debian
    must cp /boot/shim/BOOTX64.EFI /boot/shim/grubx64.efi /boot/shim/mmx64.efi /target/EFI/BOOT/
    # rw: without an fstab nothing makes the root writable later.
    cat >/target/EFI/debian/grub.cfg <<END
serial --unit=0 --speed=115200
terminal_output serial
search --no-floppy --label bloomery-root --set=root
linux /boot/vmlinuz root=PARTUUID=$root rw console=ttyS0 systemd.show_status=1
boot
END
    must umount /target
    say "boot loader: shim and GRUB"
}

begin
find_media
prove_identity
verify_medium
partition
unpack
name
user
host_key
packages
record
boot_loader
sync
say "installation complete, switching off"
poweroff -f
