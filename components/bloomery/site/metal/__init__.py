"""Halls, racks, pools, and the machines of the delivery list.

``sheet`` is what ``site.yaml`` says, ``names`` what it takes and points to, ``delivery`` is
``machines.csv``. Must not live here: figures of models (``catalogue``), what stands in which
rack (``plan.metal``).
"""
