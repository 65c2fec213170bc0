"""Contacts are found by any part of their name or address; built beside running work, so that nothing waits for it."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.operations import AddIndexConcurrently, TrigramExtension
from django.db import migrations
from django.db.models.functions import Upper


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('conversations', '0006_add_webhooks'),
    ]

    operations = [
        TrigramExtension(),
        AddIndexConcurrently(
            model_name='contact',
            index=GinIndex(
                OpClass(Upper('name'), name='gin_trgm_ops'),
                OpClass(Upper('address'), name='gin_trgm_ops'),
                name='contact_words',
            ),
        ),
    ]
