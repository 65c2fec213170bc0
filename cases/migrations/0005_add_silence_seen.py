"""A case remembers up to which message the silence after it was considered; the index is built without a lock."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("cases", "0004_current_case_and_seen_messages")]

    operations = [
        migrations.AddField(model_name="case", name="silence_seen", field=models.BigIntegerField(default=0)),
        AddIndexConcurrently(
            model_name="case",
            index=models.Index(
                condition=models.Q(status="open", arrived_as="live", last_message__gt=models.F("silence_seen")),
                fields=["id"],
                name="case_silence_due",
            ),
        ),
    ]
