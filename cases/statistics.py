"""What the past says about the agent's confidence, field by field."""

from collections import defaultdict

from agents.models import Suggestion

LAST = 200
BINS = 20


def _recent() -> list[Suggestion]:
    return list(
        Suggestion.objects.filter(kind="cases.fill_fields")
        .only("proposed", "final", "state", "left_out", "undone_at")
        .order_by("-id")[: LAST * 3]
    )


def confidence_counts() -> dict[str, list[int]]:
    """For each field, how many of its last 200 proposed values fell into each of 20 equal bins of confidence."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0] * BINS)
    seen: dict[str, int] = defaultdict(int)
    for suggestion in _recent():
        for item in suggestion.proposed.get("fields", []):
            name = item["name"]
            if seen[name] < LAST:
                seen[name] += 1
                counts[name][min(int(item["confidence"] * BINS), BINS - 1)] += 1
    return dict(counts)


def share_right() -> dict[str, float]:
    """For each field, the share of decided values that were taken unchanged and not undone; 0 to 1."""
    right: dict[str, int] = defaultdict(int)
    decided: dict[str, int] = defaultdict(int)
    for suggestion in _recent():
        if suggestion.state not in (Suggestion.State.ACCEPTED, Suggestion.State.REJECTED):
            continue
        final = {item["name"]: item["value"] for item in (suggestion.final or {}).get("fields", [])}
        for item in suggestion.proposed.get("fields", []):
            decided[item["name"]] += 1
            taken = final.get(item["name"]) == item["value"] and suggestion.undone_at is None
            right[item["name"]] += taken
    return {name: right[name] / count for name, count in decided.items()}
