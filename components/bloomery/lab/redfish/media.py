"""Virtual media as a personality has them."""

from __future__ import annotations

from urllib.parse import urlsplit

from bloomery.drivers.redfish.fake import FakeBmc, Refusal
from bloomery.drivers.redfish.fake.personality import Slot
from bloomery.lab.redfish import media_cas
from bloomery.lab.redfish.jobs import accepted
from bloomery.lab.redfish.places import places
from bloomery.lab.redfish.reply import DONE, ROOT, Call, Json, Reply, link, only, resource, text

PARAMETERS = ("Image", "Inserted", "WriteProtected", "TransferMethod", "TransferProtocolType")
"""Of an insertion."""

ALLOWED = {"TransferProtocolType": ["HTTPS", "HTTP"], "TransferMethod": ["Stream"]}
"""Values of those that some need."""

ENABLE = "AMIVirtualMedia.EnableRMedia"
"""Action that makes slots appear, on the boards that have it."""


def ids(fake: FakeBmc) -> list[str]:
    """Ids of the slots that are listed now."""
    return [slot.id for slot in fake.media.slots()]


def media(fake: FakeBmc, id_: str) -> Json:
    """One virtual media slot. Raises Refusal (404)."""
    slot, url = fake.media.slot(id_), fake.media.shown(id_)
    body = resource(
        f"{places(fake.personality).media}/{id_}",
        "VirtualMedia.v1_6_2.VirtualMedia",
        f"Virtual media {id_}",
        **({"MediaTypes": list(slot.types)} if slot.types else {}),
        **_image(fake, url),
        Inserted=bool(url),
        WriteProtected=True,
        ConnectedVia="URI" if url else "NotConnected",
        **media_cas.declared(fake, id_),
    )
    if slot.way == "action":
        body["Actions"] = _actions(fake, slot)
    return body


def _image(fake: FakeBmc, url: str) -> Json:
    form, empty = fake.personality.media.image, fake.personality.media.empty
    if not url:
        return {"Image": empty, "ImageName": empty}
    path = urlsplit(url).path
    image = {"url": url, "path": path, "name": None}[form]
    return {"Image": image, "ImageName": path.rpartition("/")[2] or None}


def _actions(fake: FakeBmc, slot: Slot) -> Json:
    path = f"{ROOT}{places(fake.personality).media}/{slot.id}"
    actions: Json = {
        f"#VirtualMedia.{verb}Media": {"target": f"{path}/Actions/VirtualMedia.{verb}Media"}
        for verb in ("Insert", "Eject")
    }
    if fake.personality.media.needs_told:
        insert = {
            "target": f"{path}/Actions/VirtualMedia.InsertMedia",
            "@Redfish.ActionInfo": f"{path}/InsertMediaActionInfo",
        }
        actions["#VirtualMedia.InsertMedia"] = insert
    return actions


def insert_info(fake: FakeBmc, id_: str) -> Json:
    """What an insertion must be given. Raises Refusal (404)."""
    fake.media.slot(id_)
    needs = fake.personality.media.needs
    parameters = [
        {"Name": name, "Required": name in ("Image", *needs), "DataType": "String"}
        | ({"AllowableValues": ALLOWED[name]} if name in ALLOWED else {})
        for name in PARAMETERS
    ]
    return resource(
        f"{places(fake.personality).media}/{id_}/InsertMediaActionInfo",
        "ActionInfo.v1_4_2.ActionInfo",
        "Insertion",
        Parameters=parameters,
    )


def insert_media(call: Call) -> Reply:
    """``VirtualMedia.InsertMedia``."""
    slot = call.fake.media.slot(call.args[0])
    if slot.way != "action":
        raise Refusal(404, "ActionNotSupported", f"{slot.id} has no action.")
    return _insert(call)


def _insert(call: Call) -> Reply:
    only(call.body, *PARAMETERS)
    given = {name for name, value in call.body.items() if value}
    call.fake.media.insert(call.args[0], text(call.body, "Image"), given)
    if call.fake.personality.media.answer != "task":
        return DONE
    return accepted(call.fake, "Insertion of a medium", call.fake.personality.media.seconds)


def eject_media(call: Call) -> Reply:
    """``VirtualMedia.EjectMedia``."""
    call.fake.media.eject(call.args[0])
    return DONE


def patch_media(call: Call) -> Reply:
    """An insertion, or ejection, by PATCH: the way of slots that have no action.

    Whether it verifies is written to any slot that keeps CAs, by itself.
    """
    slot = call.fake.media.slot(call.args[0])
    if set(call.body) == {media_cas.VERIFY}:
        media_cas.verify(call)
        return DONE
    if slot.way != "patch":
        text_ = "The slot is not filled by writing to it."
        raise Refusal(400, "PropertyNotWritable", text_, related="/Image")
    return _insert(call) if call.body.get("Image") else eject_media(call)


def enable_media(call: Call) -> Reply:
    """The vendor's action that makes slots appear."""
    only(call.body, "RMediaState")
    if text(call.body, "RMediaState") != "Enable":
        text_ = "RMediaState is not Enable."
        raise Refusal(400, "PropertyValueNotInList", text_, related="/RMediaState")
    call.fake.media.enable()
    return DONE


def media_link(fake: FakeBmc, home: str) -> Json:
    """The link to the collection, on the resource that has it."""
    at = places(fake.personality).media
    return {"VirtualMedia": link(at)} if at == f"{home}/VirtualMedia" else {}
