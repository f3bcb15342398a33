"""What somebody saw of the cables: one file a format, all read into the same links.

Lives here: the readers of what tools print, and finding out which tool it was. Must not live here:
the plan, and what a port name means (``bloomery.check.port_names``).
"""
