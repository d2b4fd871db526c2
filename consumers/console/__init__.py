"""The operators' web page: what is wrong, who has it, and why; and what somebody does about it."""
