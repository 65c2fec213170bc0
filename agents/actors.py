"""The identities under which agents read and write."""

from typing import Any

from django.contrib.auth import get_user_model

from agents.sections import AGENTS


def agent_user(agent: str) -> Any:
    """The user of one agent ("case-management"), made on first need; it has no password and can never sign in."""
    user, created = get_user_model().objects.get_or_create(
        is_agent=True,
        agent=agent,
        defaults={"email": f"{agent}@agents.invalid", "name": agent.replace("-", " ").title() + " Agent"},
    )
    if created:
        user.set_unusable_password()
        user.save(update_fields=["password"])
    return user


def say_agent(agent: str) -> str:
    """An agent's name as people read it: "case-management" is "Case Management Agent"."""
    known = AGENTS.get(agent)
    return str(known.title) if known else f"{agent.replace('-', ' ').title()} Agent"
