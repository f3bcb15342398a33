"""Any one feed, power supply or CDU may fail, and a leak is seen by who can act on it."""
