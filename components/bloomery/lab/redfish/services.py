"""Service root, SessionService and AccountService."""

from __future__ import annotations

from bloomery.drivers.redfish.fake import FakeBmc, Refusal
from bloomery.drivers.redfish.fake.accounts import PASSWORD_LENGTHS
from bloomery.drivers.redfish.fake.refusal import REGISTRY
from bloomery.lab.redfish.reply import DONE, ROOT, Call, Json, Reply, link, only, resource, text

SESSIONS = "/SessionService/Sessions"
ACCOUNTS = "/AccountService/Accounts"


def root(fake: FakeBmc) -> Json:
    """The service root, which needs no login."""
    vendor = fake.personality.layout.vendor
    return resource(
        "/",
        "ServiceRoot.v1_17_0.ServiceRoot",
        "Root service",
        RedfishVersion="1.20.0",
        UUID=fake.identity.uuid,
        Product="Bloomery BMC emulator",
        **({"Vendor": vendor} if vendor else {}),
        ProtocolFeaturesSupported={"ExcerptQuery": False, "FilterQuery": False},
        Systems=link("/Systems"),
        Managers=link("/Managers"),
        Chassis=link("/Chassis"),
        SessionService=link("/SessionService"),
        AccountService=link("/AccountService"),
        UpdateService=link("/UpdateService"),
        CertificateService=link("/CertificateService"),
        Tasks=link("/TaskService"),
        Links={"Sessions": link(SESSIONS)},
    )


def session_service(fake: FakeBmc) -> Json:
    """The SessionService."""
    return resource(
        "/SessionService",
        "SessionService.v1_1_9.SessionService",
        "Session service",
        ServiceEnabled=True,
        SessionTimeout=fake.state.session_timeout,
        Sessions=link(SESSIONS),
    )


def session(fake: FakeBmc, id_: str) -> Json:
    """One session. Raises Refusal (404)."""
    one = fake.sessions.get(id_)
    return resource(
        f"{SESSIONS}/{id_}", "Session.v1_7_2.Session", "User session", UserName=one.user
    )


def open_session(call: Call) -> Reply:
    """Log in."""
    one = call.fake.sessions.open(text(call.body, "UserName"), text(call.body, "Password"))
    path = f"{ROOT}{SESSIONS}/{one.id}"
    body = session(call.fake, one.id)
    told = call.fake.personality.habits.change_first == "told"
    if told and call.fake.accounts.expired(one.user):
        body["@Message.ExtendedInfo"] = [_change_first(call.fake, one.user)]
    return Reply(201, body, {"X-Auth-Token": one.token, "Location": path})


def _change_first(fake: FakeBmc, user: str) -> Json:
    at = f"{ROOT}{ACCOUNTS}/{fake.accounts.names().index(user) + 1}"
    return {
        "@odata.type": "#Message.v1_1_2.Message",
        "MessageId": f"{REGISTRY}.PasswordChangeRequired",
        "Message": f"The password of the account {at} must be changed before access is granted.",
        "MessageArgs": [at],
        "MessageSeverity": "Critical",
    }


def close_session(call: Call) -> Reply:
    """Log out."""
    call.fake.sessions.close(call.args[0])
    return DONE


def account_service(fake: FakeBmc) -> Json:
    """The AccountService with its lock-out rules."""
    rules = fake.state.lockout
    return resource(
        "/AccountService",
        "AccountService.v1_15_1.AccountService",
        "Account service",
        ServiceEnabled=True,
        AccountLockoutThreshold=rules.threshold,
        AccountLockoutDuration=int(rules.duration),
        AccountLockoutCounterResetAfter=int(rules.reset_after),
        AccountLockoutCounterResetEnabled=True,
        MinPasswordLength=PASSWORD_LENGTHS[0],
        MaxPasswordLength=PASSWORD_LENGTHS[1],
        Accounts=link(ACCOUNTS),
    )


def account_ids(fake: FakeBmc) -> list[str]:
    """Accounts are numbered from 1, as on most BMCs."""
    return [str(at) for at, _ in enumerate(fake.accounts.names(), 1)]


def account(fake: FakeBmc, id_: str) -> Json:
    """One account. Raises Refusal (404)."""
    name = _account_name(fake, id_)
    one = fake.accounts.get(name)
    return resource(
        f"{ACCOUNTS}/{id_}",
        "ManagerAccount.v1_12_1.ManagerAccount",
        "User account",
        UserName=name,
        Password=None,
        RoleId=one.role,
        Enabled=True,
        Locked=fake.accounts.locked(name),
    )


def patch_account(call: Call) -> Reply:
    """Password change, and the end of a lock-out."""
    only(call.body, "Password", "Locked")
    name = _account_name(call.fake, call.args[0])
    if "Locked" in call.body:
        if call.body["Locked"] is not False:
            message = "Locked can only be set to false."
            raise Refusal(400, "PropertyValueNotInList", message, related="/Locked")
        call.fake.accounts.unlock(name)
    if "Password" in call.body:
        call.fake.accounts.set_password(name, text(call.body, "Password"))
    return DONE


def _account_name(fake: FakeBmc, id_: str) -> str:
    names = fake.accounts.names()
    if id_ not in account_ids(fake):
        raise Refusal(404, "ResourceMissingAtURI", f"There is no account {id_}.")
    return names[int(id_) - 1]
