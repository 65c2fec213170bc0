"""Words of customers that the library keeps as examples: without what is personal in them."""

from collections.abc import Sequence

from agents.pii import KEEP, Known, mask
from conversations.models import Mailbox, Message
from knowledge.models import Product


def own_words() -> list[Known]:
    """What only looks personal: our addresses, the names of our products."""
    ours = [address for address in Mailbox.objects.values_list("address", flat=True) if address]
    products = Product.objects.values_list("name", "aliases")
    return [Known(KEEP, word) for word in [*ours, *(each for name, more in products for each in [name, *more])]]


def people_of(message: Message) -> list[Known]:
    """What the record knows of whoever wrote a message."""
    contact = message.contact
    pairs = [("person", message.from_name), ("email", message.from_address)]
    if contact is not None:
        pairs += [("person", contact.name), ("email", contact.address)]
        pairs += [("company", contact.company.name)] if contact.company else []
    return [Known(kind, value.strip()) for kind, value in dict.fromkeys(pairs) if value and value.strip()]


def hide_personal(text: str, known: Sequence[Known], *, language: str = "") -> str:
    """The text with a placeholder for every name, address and number of somebody; it cannot be taken back."""
    return mask(text, known=known, language=language).text
