"""Any one feed, power supply or CDU may fail, and leaks are detected and can be isolated."""
