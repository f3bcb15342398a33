"""bloomery: an AI factory as code, from powered-off machines to a verified site.

The rooms, in the order data flows through them: ``catalogue`` and ``site`` (product
figures, input files), ``runs`` (what can be run), ``plan`` (the plan), ``check`` (rules
that check the plan), the nouns ``metal cooling fabric storage cluster`` (Pulumi
components), ``resources`` (resource classes), ``provider`` (the Pulumi provider),
``drivers`` (device protocols), ``trust``, ``evidence``, ``report``,
``lab`` (a lab site on one machine) and ``cli``.

What must not live here: anything but the shared modules ``errors``, ``records``, ``nouns``,
which says what layers a site has, and ``statedir``, which says where it keeps its files.
"""

__version__ = "0.1.0"
