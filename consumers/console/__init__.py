"""The operators' web page: what is wrong, who has it, and why; and what somebody does about it."""

BY_WAY_OF = "console"
"""What the audit says of how somebody acted."""
