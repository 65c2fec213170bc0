"""The review queue: what waits for a person, shown with its evidence, and decided."""
