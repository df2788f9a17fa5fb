"""Access is taken back: only a read that no longer lists it ends a grant."""
