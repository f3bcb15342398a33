"""node_base, node_harden, node_metrics, seen from outside."""

from __future__ import annotations

import time

from role_lab import HOSTS, changes


def test_a_check_of_fresh_hosts_announces_the_work_and_does_none(lab, base):
    assert all(count > 5 for count in changes(base.check).values())


def test_the_first_run_converges_and_the_second_changes_nothing(base):
    assert all(count > 5 for count in changes(base.first).values())
    assert set(changes(base.second).values()) == {0}


def test_the_depot_is_the_only_source_of_packages(lab, base):
    for host in HOSTS:
        sources = lab.said(
            host, "cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null || true"
        )
        uris = [line for line in sources.splitlines() if line.startswith(("URIs:", "deb "))]
        assert uris == ["URIs: http://10.82.0.1:8480"]


def test_a_package_index_signed_by_another_key_is_refused(lab, base):
    host, copy = "serve-01", "/tmp/forged"
    lab.said(host, f"sudo cp -r /etc/apt {copy} && sudo sed -i '/BEGIN PGP/,/END PGP/d' "
             f"{copy}/sources.list.d/bloomery.sources && echo ' /dev/null' "
             f"| sudo tee -a {copy}/sources.list.d/bloomery.sources")  # fmt: skip
    lab.said(host, "sudo mkdir -p /tmp/lists/partial")
    done = lab.ssh(
        host, f"sudo apt-get update -o Dir::Etc={copy} -o Dir::State::Lists=/tmp/lists 2>&1"
    )
    lab.said(host, f"sudo rm -rf {copy} /tmp/lists")
    assert "not signed" in done.stdout or "NO_PUBKEY" in done.stdout


def test_hosts_know_each_other_and_never_call_themselves_loopback(lab, base):
    for host in HOSTS:
        for other in HOSTS:
            assert lab.said(host, f"getent ahostsv4 {other}").split()[0] == lab.address(other)


def test_the_clock_follows_the_management_host_and_is_never_set_in_a_container(lab, base):
    end = time.monotonic() + 60
    while True:
        sources = lab.said("train-01", "chronyc -c sources")
        if sources.startswith("^,*") or time.monotonic() > end:
            break
        time.sleep(1)
    assert sources.split(",")[1:3] == ["*", lab.address("mgmt-01")]
    assert " -x" in lab.said("train-01", "cat /proc/$(pidof -s chronyd)/cmdline | tr '\\0' ' '")


def test_services_get_the_limits_as_far_as_the_machine_below_allows(lab, base):
    for host in HOSTS:
        files = "cat /proc/%s/limits | grep 'open files' | awk '{print $5}'"
        most = int(lab.said(host, files % 1))
        exporter = lab.said(host, f"sudo {files % '$(pidof prometheus-node-exporter)'}")
        assert int(exporter) == min(most, 524288)


def test_users_and_kernel_settings_are_there(lab, base):
    for host in HOSTS:
        assert lab.said(host, "id -u research; id -g research").split() == ["6000", "6000"]
        assert lab.said(host, "cat /proc/sys/net/ipv4/tcp_keepalive_time").strip() == "600"


def test_sshd_takes_keys_only_and_only_from_the_operator(lab, base):
    none = ("-o", "PreferredAuthentications=none")
    assert "Permission denied (publickey)" in lab.ssh("mgmt-01", "true", *none).stderr
    assert lab.ssh("mgmt-01", "true", "-o", "User=root").returncode == 255
    settings = lab.said("mgmt-01", "sudo sshd -T")
    for line in ("permitrootlogin no", "passwordauthentication no", "x11forwarding no"):
        assert line in settings


def test_sudo_is_recorded_and_the_journal_is_kept(lab, base):
    lab.said("mgmt-01", "sudo true")
    assert "COMMAND=/usr/bin/true" in lab.said("mgmt-01", "sudo cat /var/log/sudo.log")
    assert lab.said("mgmt-01", "ls /var/log/journal")
    assert "-w /etc/shadow -p wa" in lab.said(
        "mgmt-01", "sudo cat /etc/audit/rules.d/60-bloomery.rules"
    )


def test_metrics_are_served_by_every_host(lab, base):
    for host in HOSTS:
        metrics = lab.get(host, 9100, "/metrics")
        assert f'nodename="{host}"' in metrics
        assert "node_memory_MemTotal_bytes" in metrics


def test_what_was_changed_behind_our_back_is_found_on_that_host_alone_and_mended(lab, base):
    lab.said("train-02", "sudo systemctl stop prometheus-node-exporter")
    lab.said(
        "train-02", "echo 'PermitRootLogin yes' | sudo tee /etc/ssh/sshd_config.d/50-bloomery.conf"
    )
    lab.said("train-02", "sudo apt-get -qq remove -y chrony >/dev/null 2>&1")
    found = changes(lab.run("base", check=True))
    assert found.pop("train-02") >= 3
    assert set(found.values()) == {0}
    assert lab.ssh("train-02", "test -e /usr/sbin/chronyd").returncode == 1
    changes(lab.run("base", limit=("train-02",)))
    assert changes(lab.run("base", check=True, limit=("train-02",))) == {"train-02": 0}
    assert "permitrootlogin no" in lab.said("train-02", "sudo sshd -T")


def test_a_host_that_would_be_locked_out_is_left_as_it_was(lab, base):
    result = lab.run("base", given={"node_harden_ssh_users": "[somebody]"}, limit=("serve-01",))
    host = result.hosts["serve-01"]
    assert (host.failed, host.failed_task) == (1, "node_harden: Refuse to lock ourselves out")
    assert lab.ssh("serve-01", "true").returncode == 0
