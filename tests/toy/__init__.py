"""A toy app: what the agents app is tried on, because it knows no customer."""
