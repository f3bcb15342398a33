"""bloomery: an AI factory as code, from powered-off machines to a proven site.

The rooms, in the order data flows through them: ``catalogue`` and ``site`` (what
can be bought, what is ordered), ``plan`` (what shall be), ``check`` (who marks the
plan), the nouns ``metal cooling fabric storage cluster`` (Pulumi components),
``resources`` (Pulumi's view of our types), ``provider`` (Pulumi's hands),
``drivers`` (how one device is spoken to), ``trust``, ``evidence``, ``report``,
``lab`` (the site on one machine) and ``cli``.

What must not live here: anything but the shared modules ``errors``, ``records``, ``nouns``,
which says what layers a site has, and ``statedir``, which says where it keeps its files.
"""

__version__ = "0.1.0"
