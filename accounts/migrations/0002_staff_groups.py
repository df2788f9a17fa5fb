from __future__ import annotations

from typing import Any

from django.db import migrations

ROLES = ("Account managers", "Access owners", "Media buyers", "Auditors")


def add_groups(apps: Any, schema_editor: Any) -> None:
    """Make the four staff groups; accounts/signin/groups.py keeps their permissions."""
    group = apps.get_model("auth", "Group")
    for name in ROLES:
        group.objects.using(schema_editor.connection.alias).get_or_create(name=name)


def remove_groups(apps: Any, schema_editor: Any) -> None:
    group = apps.get_model("auth", "Group")
    group.objects.using(schema_editor.connection.alias).filter(name__in=ROLES).delete()


class Migration(migrations.Migration):
    dependencies = (
        ("accounts", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
    )

    operations = (migrations.RunPython(add_groups, remove_groups),)
