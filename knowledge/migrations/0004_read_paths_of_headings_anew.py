"""Passages under several headings get their vectors anew: the path is now read as it is shown ("Cleaning › Daily")."""

from django.db import migrations


def forget(apps, schema_editor):
    """The sweep indexes again what search does not know."""
    articles = apps.get_model("knowledge", "Article")
    articles.objects.filter(passages__heading__contains=" › ").update(indexed_version=0)


class Migration(migrations.Migration):
    """No table changes."""

    dependencies = [("knowledge", "0003_add_harvests")]
    operations = [migrations.RunPython(forget, migrations.RunPython.noop)]
