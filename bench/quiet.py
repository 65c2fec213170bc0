"""Cases whose customers are quiet, straight into the tables: each with our last word and a running plan."""

import datetime as dt
import json
from typing import Any

from django.db import connection

from bench.many_cases import fill

WAIT = {"wait": 2, "unit": "days", "template": None}
SHAPE = {
    "triggers": ["status"], "status_reason": "waiting", "own_mail_counts": False, "references": ["number"],
    "in_hours": False, "steps": [WAIT, WAIT, WAIT], "end": {"wait": 3, "unit": "days"}, "closing_mail": False,
    "closing_template": None, "resolution_type": "no_answer", "resolution": "",
}  # fmt: skip
_STEPS = (
    "UPDATE conversations_message SET direction = 'out', send_state = 'sent'",
    """UPDATE cases_case SET status = 'open', status_reason = 'waiting', last_direction = 'out',
       last_inbound_id = NULL, silence_seen = last_message_id, waiting_since = NULL""",
    """INSERT INTO followups_plan (case_id, rule_id, rule_name, settings_version, shape, trigger, why, state,
         started_at, last_message_id, quiet_since, since, step, next_action, due_at, look_at, held, has_replied,
         ended_as, ended_why, reopen_key)
       SELECT id, %(rule)s, 'Quiet customers', 1, %(shape)s, 'status', 'Because.', 'running', last_message_at,
         last_message_id, last_message_at, last_message_at, 0, 'send', last_message_at + interval '2 days',
         now() + interval '1 day' + id * interval '1 second', '', false, '', '', 'key' || id FROM cases_case""",
)


def add_rule(level: str = "ask") -> Any:
    """Switch follow-ups on with one rule for every open case."""
    from agents.models import Rule, SectionSetting
    from agents.sections import SECTIONS
    from followups.plans import SECTION

    values = dict(SECTIONS[SECTION].defaults)
    SectionSetting.objects.create(section=SECTION, is_on=True, level="auto", values=values)
    tree = {"join": "all", "items": [{"fact": "status", "op": "is", "value": "open"}]}
    return Rule.objects.create(
        section=SECTION, name="Quiet customers", is_active=True, conditions=tree, level=level, outcome=SHAPE
    )


def fill_quiet(count: int) -> None:
    """Make that many waiting cases, each with a plan that is looked at tomorrow or later."""
    rule = add_rule()
    fill(count)
    with connection.cursor() as cursor:
        for statement in _STEPS:
            cursor.execute(statement, {"rule": rule.pk, "shape": json.dumps(SHAPE)} if "%(" in statement else None)
        cursor.execute("VACUUM ANALYZE")


def make_due(count: int, now: dt.datetime) -> None:
    """Make ``count`` plans due, spread over all of them, and no others."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE followups_plan SET look_at = %s + interval '1 day' WHERE look_at <= %s", [now, now])
        cursor.execute(
            """UPDATE followups_plan SET look_at = %s - interval '1 minute' WHERE id IN (
                 SELECT id FROM followups_plan WHERE state = 'running' ORDER BY id * 7919 %% 1000003 LIMIT %s)""",
            [now, count],
        )
