"""Methods A and B, and the switch between ways: what is said, and what is read."""
