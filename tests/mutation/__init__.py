"""Mutation testing: the rules are changed in thousands of small ways, and some test is to notice each.

mutmut makes the changes (`making`), all of them in one copy of the code under `mutants/`, of which one is switched on
at a time. Trying them (`trying`) is ours: the tests are collected once, and each change is tried in a fork.
"""
