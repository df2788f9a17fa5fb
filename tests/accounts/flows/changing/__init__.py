"""Another role for a grant that stands: asked for, carried out, read back."""
