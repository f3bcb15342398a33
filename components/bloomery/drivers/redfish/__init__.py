"""A BMC over Redfish: the contract, a client that follows the tree, and a fake without sockets.

Lives here: ``protocol`` (what is asked of a BMC), ``identity`` and ``values`` (which machine it
is), ``client`` (a real one) with its wire (``transport``, ``answers``, ``wire``, ``session``), what
it reads (``tree``, ``view``, ``facts``) and a file per noun (``media``, ``boot``, ``bios``...),
``vendors`` (what trees tell wrongly), ``fake`` and ``inprocess`` (one without metal), ``machine``
(what a fake's power button switches). Must not live here: phases, retries and patience
(``provider``), HTTP servers (``lab``), and anything a site or a plan knows.
"""
