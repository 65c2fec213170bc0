"""The record cannot be changed: the database refuses UPDATE and DELETE on entries."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION agents_entry_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'entries are append-only';
END $$;
CREATE TRIGGER entry_is_append_only BEFORE UPDATE OR DELETE ON agents_entry
    FOR EACH ROW EXECUTE FUNCTION agents_entry_is_append_only();
"""
BACKWARD = """
DROP TRIGGER entry_is_append_only ON agents_entry;
DROP FUNCTION agents_entry_is_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("agents", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
