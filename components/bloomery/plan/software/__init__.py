"""From a release and a kind of machine to the software it is given, to the version.

Lives here: the order of installation, what each vendor's accelerators need (a file a vendor, behind
``accelerator.Vendor``), what changes from one such set to the next. Must not live here: versions
(the catalogue has them), judgement (``check``), anything that installs.
"""
