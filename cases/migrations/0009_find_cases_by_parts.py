"""Cases are found by any part of title and numbers, and history apart; built beside running work."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models.functions import Upper


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('cases', '0008_add_silence_of_the_customer'),
        ('conversations', '0007_find_contacts_by_parts'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='case',
            index=GinIndex(
                OpClass(Upper('title'), name='gin_trgm_ops'),
                OpClass(Upper('order_number'), name='gin_trgm_ops'),
                OpClass(Upper('serial_number'), name='gin_trgm_ops'),
                name='case_parts',
            ),
        ),
        AddIndexConcurrently(
            model_name='case',
            index=models.Index(
                condition=models.Q(('arrived_as', 'history')),
                fields=['-last_message_at', '-id'],
                name='case_history',
            ),
        ),
    ]
