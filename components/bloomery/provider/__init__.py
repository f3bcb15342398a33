"""The Pulumi provider: one resource type per file, and its safeguards.

Lives here: the gRPC servicer, the handlers of our resource types (``node``, ``run``,
``acceptance``, ``site``), the phases of a node, locks, the journal, budgets, the seed
server, and the watch that makes the provider die with its engine.

Must not live here: components, resources, and anything a policy or a plan decides.
``check`` and ``diff`` of a handler are pure and local: the engine calls them in series.
"""
