"""Chassis: serial number and sensors.

The readings follow from whether the machine is on; they are there to be read, not to
model a machine.
"""

from __future__ import annotations

from dataclasses import dataclass

from bloomery.drivers.redfish.fake import FakeBmc
from bloomery.drivers.redfish.fake.refusal import missing
from bloomery.lab.redfish.reply import ROOT, Json, collection, link, resource

CHASSIS = "/Chassis/1"


@dataclass(frozen=True)
class Sensor:
    """One sensor and its two readings."""

    name: str
    kind: str
    """Redfish ReadingType."""
    units: str
    """Redfish ReadingUnits (UCUM)."""
    off: float
    on: float
    limit: float
    """Upper critical threshold."""


SENSORS = {
    "InletTemp": Sensor("Inlet temperature", "Temperature", "Cel", 21.0, 23.0, 45.0),
    "CPU0Temp": Sensor("CPU 0 temperature", "Temperature", "Cel", 24.0, 54.0, 95.0),
    "TotalPower": Sensor("Power drawn", "Power", "W", 38.0, 410.0, 2700.0),
    "Fan0": Sensor("Fan 0", "Rotational", "{rev}/min", 0.0, 6200.0, 16000.0),
}
"""Typical of a 2U air-cooled server: standby power, idle with the OS up."""


def chassis(fake: FakeBmc) -> Json:
    """The Chassis."""
    return resource(
        CHASSIS,
        "Chassis.v1_24_0.Chassis",
        "Chassis",
        ChassisType="RackMount",
        Manufacturer="Bloomery",
        Model=fake.identity.model,
        SerialNumber=fake.identity.serial,
        PowerState=fake.power.state(),
        Status={"State": "Enabled", "Health": "OK"},
        Sensors=link(f"{CHASSIS}/Sensors"),
        Thermal=link(f"{CHASSIS}/Thermal"),
        Power=link(f"{CHASSIS}/Power"),
        Links={"ComputerSystems": [link("/Systems/1")], "ManagedBy": [link("/Managers/1")]},
    )


def sensors(_fake: FakeBmc) -> Json:
    """The sensors by name."""
    return collection(f"{CHASSIS}/Sensors", "Sensor", "Sensors", list(SENSORS))


def sensor(fake: FakeBmc, name: str) -> Json:
    """One sensor. Raises Refusal (404)."""
    path = f"{CHASSIS}/Sensors/{name}"
    if name not in SENSORS:
        raise missing(ROOT + path)
    one = SENSORS[name]
    return resource(
        path,
        "Sensor.v1_9_0.Sensor",
        one.name,
        Reading=_reading(fake, one),
        ReadingType=one.kind,
        ReadingUnits=one.units,
        Thresholds={"UpperCritical": {"Reading": one.limit}},
        Status={"State": "Enabled", "Health": "OK"},
    )


def thermal(fake: FakeBmc) -> Json:
    """The older Thermal resource, for clients that know no Sensors."""
    path = f"{CHASSIS}/Thermal"
    temperatures: list[Json] = []
    fans: list[Json] = []
    for name, one in SENSORS.items():
        common = {
            "MemberId": name,
            "Name": one.name,
            "Status": {"State": "Enabled", "Health": "OK"},
        }
        if one.kind == "Temperature":
            at = f"{ROOT}{path}#/Temperatures/{len(temperatures)}"
            reading = {"ReadingCelsius": _reading(fake, one), "UpperThresholdCritical": one.limit}
            temperatures.append({"@odata.id": at, **common, **reading})
        elif one.kind == "Rotational":
            at = f"{ROOT}{path}#/Fans/{len(fans)}"
            speed = {"Reading": int(_reading(fake, one)), "ReadingUnits": "RPM"}
            fans.append({"@odata.id": at, **common, **speed})
    return resource(path, "Thermal.v1_7_1.Thermal", "Thermal", Temperatures=temperatures, Fans=fans)


def power(fake: FakeBmc) -> Json:
    """The older Power resource."""
    path = f"{CHASSIS}/Power"
    control = {
        "@odata.id": f"{ROOT}{path}#/PowerControl/0",
        "MemberId": "0",
        "Name": SENSORS["TotalPower"].name,
        "PowerConsumedWatts": _reading(fake, SENSORS["TotalPower"]),
        "PowerCapacityWatts": SENSORS["TotalPower"].limit,
    }
    return resource(path, "Power.v1_7_1.Power", "Power", PowerControl=[control], PowerSupplies=[])


def _reading(fake: FakeBmc, one: Sensor) -> float:
    return one.on if fake.power.state() == "On" else one.off
