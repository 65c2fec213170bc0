"""The API's view of cases and of the messages in them."""

from cases.api.messages import Attachments, Messages
from cases.api.views import Cases

__all__ = ["Attachments", "Cases", "Messages"]
