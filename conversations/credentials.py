"""Mail passwords are sealed as all secrets are."""

from agents.models.sealing import Unsealable, open_sealed, seal

__all__ = ["Unsealable", "open_sealed", "seal"]
