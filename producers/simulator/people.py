"""People of the simulated office whom several departments know: each department tells its part of their story."""

EXECUTIVE = "E-000"
"""Reports to nobody, stands in for others, and may approve."""

LEAVER = "E-906"
"""Leaves on the first workday; IT forgets the account until the second."""

APPROVER = "E-907"
"""Is on leave, and approves an invoice nevertheless."""
