"""Case numbers come from a sequence: unique without a lock, never used twice."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("cases", "0002_initial")]
    operations = [migrations.RunSQL("CREATE SEQUENCE case_number START 10001", "DROP SEQUENCE case_number")]
