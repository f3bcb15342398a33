"""A BMC over Redfish: the contract, a client on sushy, and a fake without sockets.

Lives here: ``protocol`` (what is asked of a BMC), ``client`` with its ``transport`` and
``answers`` (a real one), ``fake`` and ``inprocess`` (one without metal), ``machine``
(what a fake's power button switches). Must not live here: phases, retries and patience
(``provider``), HTTP servers (``lab``), and anything a site or a plan knows.
"""
