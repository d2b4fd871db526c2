"""How people act who act here."""

BY_WAY_OF = "console"
"""What the audit says of how somebody acted."""
