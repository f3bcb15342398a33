"""No machine keeps the password it left the factory with."""
