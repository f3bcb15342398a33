#!/bin/sh
# Makes the parts of the installation medium from a Debian tree: kernel, initramfs of the
# installer, EFI image of the medium, host image. Usage: build.sh TREE OUT INSTALLER
# The programmes of the initramfs come from the tree, so they are Debian's own and as the
# tree's packages say; nothing of this machine's system gets into a part.
set -eu
tree=$1 out=$2 installer=$3
release=$(basename "$(ls -d "$tree"/lib/modules/*)")
mkdir -p "$out"

# Modules of a mirrored or encrypted disk, for the installer and the host's initrd. The cipher of
# a key slot is asked for by af_alg (cryptsetup), that of the disk by dm_crypt.
DISK_MODULES="raid1 dm_crypt xts aes_generic sha256_generic algif_skcipher algif_hash tpm_crb"
# Modules the installer loads, in this order; disk (nvme) and ext4 are in the kernel.
MODULES="virtio_pci virtio_scsi sr_mod isofs fat vfat nls_cp437 nls_ascii virtio_rng efivarfs $DISK_MODULES"
# dd is there for conv=sparse, which that of busybox lacks.
PROGRAMS="/bin/dd /usr/bin/jq /usr/bin/openssl /usr/bin/zstd /sbin/sfdisk /sbin/mkfs.vfat /sbin/mkfs.ext4
    /sbin/resize2fs /sbin/mdadm /sbin/cryptsetup"

echo "initramfs: $release"
ram=$out/ram
mkdir -p "$ram/bin" "$ram/lib64" "$ram/modules" "$ram/boot/shim"
cp "$tree/bin/busybox" "$ram/bin/busybox"
cp "$installer" "$ram/init"
chmod 755 "$ram/init"
for program in $PROGRAMS; do
    cp -L "$tree$program" "$ram/bin/"
    chroot "$tree" ldd "$program" | grep -o '/[^ ]*' | while read -r library; do
        mkdir -p "$ram${library%/*}"
        cp -L "$tree$library" "$ram$library"
    done
done
for module in $MODULES; do
    chroot "$tree" modprobe -S "$release" --show-depends "$module"
done | grep '^insmod ' | while read -r _ path _; do
    grep -qx "${path##*/}" "$ram/modules/order" 2>/dev/null && continue
    cp "$tree$path" "$ram/modules/"
    echo "${path##*/}" >>"$ram/modules/order"
done
# The boot loader of the installed disk: Debian's signed shim and GRUB.
cp "$tree/usr/lib/shim/shimx64.efi.signed" "$ram/boot/shim/BOOTX64.EFI"
cp "$tree/usr/lib/shim/mmx64.efi.signed" "$ram/boot/shim/mmx64.efi"
cp "$tree/usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed" "$ram/boot/shim/grubx64.efi"
(cd "$ram" && find . | LC_ALL=C sort | "$tree/bin/busybox" cpio -o -H newc -R 0:0 2>/dev/null) |
    zstd -q -9 -o "$out/initrd.img"
rm -rf "$ram"
cp "$tree/boot/vmlinuz-$release" "$out/vmlinuz"

echo "initrd of a mirrored or encrypted disk"
# Made here once: in a translated machine that takes minutes. It has what it takes to open a disk
# and no word of any: the kernel's command line says which one is encrypted.
printf '%s\n' MODULES=list COMPRESS=zstd >"$tree/etc/initramfs-tools/conf.d/bloomery"
echo CRYPTSETUP=y >>"$tree/etc/cryptsetup-initramfs/conf-hook"
printf '%s\n' $DISK_MODULES >>"$tree/etc/initramfs-tools/modules"
# mdadm's part loads every RAID level; that of RAID 6 measures itself for seconds.
cat >"$tree/etc/initramfs-tools/hooks/bloomery" <<'END'
#!/bin/sh
[ "$1" = prereqs ] && echo mdadm && exit
sed -i -E '/^(linear|multipath|raid0|raid10|raid4|raid5|raid6|raid456)$/d' "$DESTDIR/conf/modules"
END
# mdadm's own wait for the second half of a mirror is counted in turns of the initrd, and ends too
# late for a translated machine to open the disk. This one is before it is looked for.
cat >"$tree/etc/initramfs-tools/scripts/local-top/bloomery" <<'END'
#!/bin/sh
[ "$1" = prereqs ] && exit
. /scripts/functions
wait_for_udev 10
for _ in 1 2 3 4 5 6 7 8 9 10; do
    grep -q inactive /proc/mdstat || exit 0
    sleep 1
done
mdadm -q --run /dev/md?*
wait_for_udev 10
END
chmod 755 "$tree/etc/initramfs-tools/hooks/bloomery" "$tree/etc/initramfs-tools/scripts/local-top/bloomery"
chroot "$tree" mkinitramfs -o /host-initrd.img "$release"
mv "$tree/host-initrd.img" "$out/host-initrd.img"

echo "EFI image of the medium"
# 8 MiB: shim, MOK manager and GRUB are 6 MB together.
truncate -s 8M "$out/efi.img"
mformat -i "$out/efi.img" -N 0b100d1a ::
mmd -i "$out/efi.img" ::/EFI ::/EFI/BOOT
mcopy -i "$out/efi.img" "$tree/usr/lib/shim/shimx64.efi.signed" ::/EFI/BOOT/BOOTX64.EFI
mcopy -i "$out/efi.img" "$tree/usr/lib/shim/mmx64.efi.signed" ::/EFI/BOOT/mmx64.efi
mcopy -i "$out/efi.img" "$tree/usr/lib/grub/x86_64-efi-signed/gcdx64.efi.signed" ::/EFI/BOOT/grubx64.efi

echo "host image"
# What only the medium needs leaves the host; initrds too: disk and root file system are in the kernel.
rm -rf "$tree"/boot/initrd.img* "$tree"/usr/lib/shim "$tree"/usr/lib/grub/x86_64-efi-signed
ln -sf "vmlinuz-$release" "$tree/boot/vmlinuz"
used=$(du -s --block-size=1M "$tree" | cut -f1)
# A fifth more than the files, for the file system's own tables; the installer makes it larger.
mke2fs -q -t ext4 -L bloomery-root -O ^metadata_csum_seed,^orphan_file -m 1 \
    -d "$tree" "$out/host.ext4" "$((used + used / 5 + 32))M"
zstd -q -9 -T0 --rm "$out/host.ext4" -o "$out/host.ext4.zst"
echo "parts are made: $(du -sh "$out" | cut -f1)"
