"""Chassis: serial number and sensors.

The readings follow from whether the machine is on; they are there to be read, not to
model a machine.
"""

from __future__ import annotations

from dataclasses import dataclass

from bloomery.drivers.redfish.fake import FakeBmc
from bloomery.drivers.redfish.fake.refusal import missing
from bloomery.lab.redfish import identity
from bloomery.lab.redfish.places import places
from bloomery.lab.redfish.reply import ROOT, Json, collection, link, resource


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
    at = places(fake.personality)
    return resource(
        at.chassis,
        "Chassis.v1_24_0.Chassis",
        "Chassis",
        ChassisType="RackMount",
        Manufacturer=fake.personality.layout.manufacturer,
        Model=fake.identity.model,
        **identity.serials(fake),
        PowerState=fake.power.state(),
        Status={"State": "Enabled", "Health": "OK"},
        Sensors=link(f"{at.chassis}/Sensors"),
        Thermal=link(f"{at.chassis}/Thermal"),
        Power=link(f"{at.chassis}/Power"),
        Links={"ComputerSystems": [link(at.system)], "ManagedBy": [link(at.manager)]},
    )


def sensors(fake: FakeBmc) -> Json:
    """The sensors by name."""
    path = f"{places(fake.personality).chassis}/Sensors"
    return collection(path, "Sensor", "Sensors", list(SENSORS))


def sensor(fake: FakeBmc, name: str) -> Json:
    """One sensor. Raises Refusal (404)."""
    path = f"{places(fake.personality).chassis}/Sensors/{name}"
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
    path = f"{places(fake.personality).chassis}/Thermal"
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
    path = f"{places(fake.personality).chassis}/Power"
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
