"""Every number of an edition computed again from its receipt, and by R where it is on the machine."""
