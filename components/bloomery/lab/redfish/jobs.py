"""Answers of what is accepted now and done later."""

from __future__ import annotations

import datetime

from bloomery.drivers.redfish.fake import FakeBmc
from bloomery.lab.redfish.reply import ROOT, Json, Reply, resource

TASKS = "/TaskService/Tasks"


def accepted(fake: FakeBmc, name: str, seconds: float = 0.0, *, for_reset: bool = False) -> Reply:
    """202 with the address of a new task."""
    job = fake.jobs.start(name, seconds, for_reset=for_reset)
    return Reply(202, None, {"Location": f"{ROOT}{TASKS}/{job.id}", "Retry-After": "1"})


def job(fake: FakeBmc, id_: str) -> Json:
    """One of them as a Task. Raises Refusal (404)."""
    one = fake.jobs.get(id_)
    started = datetime.datetime.fromtimestamp(one.started, datetime.UTC)
    return resource(
        f"{TASKS}/{id_}",
        "Task.v1_7_4.Task",
        one.name,
        TaskState=fake.jobs.state(one),
        TaskStatus="OK",
        StartTime=started.isoformat(timespec="seconds"),
        Messages=[],
    )
