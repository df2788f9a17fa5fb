"""Seats in our centers: asked for, carried out, read back, taken away."""
