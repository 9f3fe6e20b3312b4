"""Failed passwords are counted in a table, and user names are in lower case."""

from django.db import migrations, models


def lower_user_names(apps, schema_editor):
    # They are unique ignoring case already.
    for user in apps.get_model("clinic", "User").objects.all():
        if user.username != user.username.lower():
            user.username = user.username.lower()
            user.save(update_fields=["username"])


class Migration(migrations.Migration):
    dependencies = [("clinic", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="LoginFailures",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=64, unique=True)),
                ("failures", models.PositiveIntegerField()),
                ("last_at", models.DateTimeField()),
            ],
        ),
        migrations.RunPython(lower_user_names, migrations.RunPython.noop),
    ]
