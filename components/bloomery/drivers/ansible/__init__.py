"""Ansible through ansible-runner, always in a child process of its own."""
