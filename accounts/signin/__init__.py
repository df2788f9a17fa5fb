"""How colleagues get in: the second factor, welcome letters, refusals, roles."""
