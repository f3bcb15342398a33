"""Ansible through ansible-runner, always in a child process of its own.

``client.run`` starts the child, ``worker`` is that child and the only module that
imports ansible_runner, ``content`` finds the playbooks. Nothing here knows site,
plan or Pulumi: a ``protocol.Job`` of plain values comes in, a ``RunResult`` goes out.
"""
