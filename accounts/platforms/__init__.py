"""Connectors, one room each: plain values in, dataclasses out, no database."""
