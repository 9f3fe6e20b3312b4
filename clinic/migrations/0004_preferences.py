"""How pages look and react for a user."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("clinic", "0003_installation"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="appearance",
            field=models.CharField(
                choices=[("system", "As the device: light or dark"), ("light", "Light"), ("dark", "Dark")],
                default="system",
                max_length=6,
            ),
        ),
        migrations.AddField(
            model_name="user",
            name="single_keys",
            field=models.BooleanField(
                default=True,
                help_text="Outside fields, a letter opens a page or selects a row. Switch this off if you use speech input.",
                verbose_name="keys of one letter",
            ),
        ),
    ]
