"""bloomery: an AI factory as code, from powered-off machines to a verified site.

The rooms, in the order data flows through them: ``catalogue`` and ``site`` (product
figures, input files), ``plan`` (the plan), ``check`` (rules that check the plan),
the five nouns ``metal cooling fabric storage cluster`` (Pulumi components),
``resources`` (resource classes), ``provider`` (the Pulumi provider),
``drivers`` (device protocols), ``trust``, ``evidence``, ``report``,
``lab`` (a lab site on one machine) and ``cli``.

What must not live here: anything but the three shared modules ``errors``,
``units`` and ``records``, and ``statedir``, which says where a site keeps its files.
"""

__version__ = "0.1.0"
