"""The table of Django's database cache: rate limits of sign-in have to count over all web processes."""

from django.db import migrations

FORWARDS = """
CREATE TABLE accounts_cache (
    cache_key varchar(255) PRIMARY KEY,
    value text NOT NULL,
    expires timestamp with time zone NOT NULL
);
CREATE INDEX accounts_cache_expires ON accounts_cache (expires);
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_built_in_roles")]

    operations = [migrations.RunSQL(FORWARDS, "DROP TABLE accounts_cache")]
