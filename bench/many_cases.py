"""A hundred thousand cases straight into the tables, spread as in a desk that has worked for some years."""

from typing import Any

from django.db import connection

from cases.models import CaseMessage
from conversations.models import Mailbox, Message, Queue

THINGS = ["grinder", "kettle", "boiler", "filter", "pump", "tray", "hose", "scale", "frother", "brewer"]
# One case every five minutes back from now: 4 in 100 open, most of them young; contacts write five times each.
_STEPS = {
    "contacts": """
        INSERT INTO conversations_contact (address, name, phone, language, bounce_status, created_at)
        SELECT 'customer' || g || '@post.example', 'Customer ' || g, '', 'en', '', now()
        FROM generate_series(0, %(contacts)s - 1) g
    """,
    "conversations": """
        INSERT INTO conversations_conversation (channel, subject, contact_id, mailbox_id, reply_token, taker,
            arrived_as, created_at, last_message_at, message_count, topic, topic_label, skills, routed_why, queue_id)
        SELECT 'mail', 'The ' || (%(things)s::text[])[1 + g %% 10] || ' ' || g || ' does not start', c.id, %(mailbox)s,
            'token' || lpad(g::text, 27, '0'), 'cases', 'live', now() - g * interval '5 minutes',
            now() - g * interval '5 minutes', 1, '', '', '[]', '', (%(queues)s::bigint[])[1 + g %% 4]
        FROM generate_series(0, %(cases)s - 1) g
        JOIN conversations_contact c ON c.address = 'customer' || (g %% %(contacts)s) || '@post.example'
    """,
    "messages": """
        INSERT INTO conversations_message (conversation_id, direction, nature, nature_reason, arrived_as, mailbox_id,
            contact_id, message_id, identity, in_reply_to, "references", from_name, from_address, "to", cc, subject,
            text, newest_text, html, language, received_at, created_at, offered_at, auth_results, warnings,
            failed_recipient, bounce_status, agent, is_automatic, citations, effect_key, send_state, send_reason,
            search)
        SELECT v.id, 'in', 'person', '', 'live', v.mailbox_id, v.contact_id, '<' || v.reply_token || '@post.example>',
            v.reply_token, '{}', '{}', '', '', '[]', '[]', v.subject, t.text, t.text, '', 'en', v.created_at,
            v.created_at, v.created_at, '{}', '[]', '', '', '', false, '[]', '', '', '',
            setweight(to_tsvector('simple', v.subject), 'A') || setweight(to_tsvector('simple', t.text), 'B')
        FROM conversations_conversation v
        CROSS JOIN LATERAL (SELECT repeat('Hello, my machine does not start. ' || v.subject || '. ', 4) AS text) t
    """,
    "cases": """
        INSERT INTO cases_case (number, title, description, type, priority, origin, category, serial_number,
            order_number, custom, status, status_reason, contact_id, arrived_as, created_at, resolution_type,
            resolution, reopened_count, last_message_id, last_inbound_id, last_message_at, last_direction,
            message_count, preview, waiting_kinds, is_unread, fields_seen, reply_seen, silence_seen, topic,
            topic_label, skills, routed_why, queue_id, waiting_since, search)
        SELECT nextval('case_number'), m.subject, m.text, '', (ARRAY['normal','normal','normal','normal','normal',
            'normal','normal','high','low','urgent'])[1 + (m.id * 7 %% 10)], 'mail', '', '',
            'HR-' || (200000 + m.id), '{}', s.status, CASE s.status WHEN 'open' THEN 'new' ELSE 'solved' END,
            m.contact_id, 'live', m.created_at, '', '', 0, m.id, m.id, m.received_at, 'in', 1, left(m.text, 200), '[]',
            s.status = 'open', m.id, m.id, m.id, '', '', '[]', '', v.queue_id,
            CASE s.status WHEN 'open' THEN m.received_at END,
            to_tsvector('simple', m.subject || ' ' || m.text)
        FROM conversations_message m JOIN conversations_conversation v ON v.id = m.conversation_id
        CROSS JOIN LATERAL (SELECT CASE WHEN m.id * 31 %% 100 < 10 THEN 'open' ELSE 'resolved' END AS status) s
    """,
    "links": """
        INSERT INTO cases_casemessage (case_id, message_id) SELECT id, last_message_id FROM cases_case
    """,
    "links of conversations": """
        INSERT INTO cases_caseconversation (case_id, conversation_id, is_current)
        SELECT c.id, m.conversation_id, true FROM cases_case c JOIN conversations_message m ON m.id = c.last_message_id
    """,
}


def fill(cases: int) -> None:
    """Make that many cases with one message each, a fifth as many contacts, four queues, a tenth of them open."""
    values: dict[str, Any] = {
        "cases": cases, "contacts": max(1, cases // 5), "things": THINGS, "mailbox": _mailbox(), "queues": _queues(),
    }  # fmt: skip
    with connection.cursor() as cursor:
        for statement in _STEPS.values():
            cursor.execute(statement, values)
        cursor.execute("VACUUM ANALYZE")


def _mailbox() -> int:
    return Mailbox.objects.create(name="Care", address="care@harbour.example", smtp_host="127.0.0.1").pk


def _queues() -> list[int]:
    return [Queue.objects.create(name=f"Queue {number}").pk for number in range(4)]


def add_messages(case: Any, count: int) -> None:
    """Let a case have ``count`` messages, in and out in turn."""
    first = case.last_message
    rows = [
        Message(
            conversation=first.conversation,
            direction="out" if number % 2 else "in",
            mailbox=first.mailbox,
            contact=first.contact,
            message_id=f"<{case.pk}.{number}@post.example>",
            identity=f"bench:{case.pk}:{number}",
            subject=first.subject,
            text=first.text,
            newest_text=first.text,
            html=f"<p>{first.text}</p>",
            from_address=first.contact.address,
            to=[{"name": "", "address": "care@harbour.example"}],
        )
        for number in range(1, count)
    ]
    made = Message.objects.bulk_create(rows)
    CaseMessage.objects.bulk_create(CaseMessage(case=case, message=message) for message in made)
    case.message_count = count
    case.save(update_fields=["message_count"])
