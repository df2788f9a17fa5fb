"""Sync: what our centers list, compared with the books, list by list."""
