import django.contrib.auth.validators
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
import simple_history.models
from django.conf import settings
from django.core.management import call_command
from django.db import migrations, models

import clinic.accounts.models
import clinic.records.models
import clinic.records.text
from clinic.records.created_models import together

ROLES = ["neurologist", "trainee", "clinic staff", "catalogue manager", "auditor"]


def fill(apps, schema_editor):
    """The clinic's own row, and the roles as groups."""
    apps.get_model("clinic", "Clinic").objects.get_or_create(pk=1, defaults={"name": "Our clinic"})
    groups = apps.get_model("auth", "Group").objects
    for role in ROLES:
        groups.get_or_create(name=role)


def create_cache_table(apps, schema_editor):
    """The table of the cache that counts failed logins."""
    call_command("createcachetable", database=schema_editor.connection.alias, verbosity=0)


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('username', models.CharField(error_messages={'unique': 'A user with that username already exists.'}, help_text='Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.', max_length=150, unique=True, validators=[django.contrib.auth.validators.UnicodeUsernameValidator()], verbose_name='username')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='email address')),
                ('is_staff', models.BooleanField(default=False, help_text='Designates whether the user can log into this admin site.', verbose_name='staff status')),
                ('is_active', models.BooleanField(default=True, help_text='Designates whether this user should be treated as active. Unselect this instead of deleting accounts.', verbose_name='active')),
                ('date_joined', models.DateTimeField(default=django.utils.timezone.now, verbose_name='date joined')),
                ('printed_name', clinic.records.text.Line(help_text='As shown on records and printouts, with title.', max_length=100, verbose_name='name as printed')),
                ('must_change_password', models.BooleanField(default=True, help_text='Required at the next login.', verbose_name='must change the password')),
                ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
            ],
            options={
                'ordering': ['printed_name'],
                'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('username'), name='clinic_user_names_are_unique_whatever_the_case')],
            },
            managers=[
                ('objects', clinic.accounts.models.CollumUserManager()),
            ],
        ),
        migrations.CreateModel(
            name='ApiToken',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', clinic.records.text.Line(max_length=60)),
                ('token_hash', models.CharField(max_length=64, unique=True)),
                ('scope', models.TextField()),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('made_under', models.CharField(max_length=64)),
                ('expires_at', models.DateTimeField()),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('last_used_at', models.DateTimeField(blank=True, null=True)),
                ('window_at', models.DateTimeField(blank=True, null=True)),
                ('window_count', models.PositiveIntegerField(default=0)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='api_tokens', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-made_at', '-pk'],
                'constraints': [models.UniqueConstraint(models.F('person'), django.db.models.functions.text.Lower('name'), models.F('made_under'), condition=models.Q(('revoked_at', None)), name='clinic_apitoken_names_are_unique_while_they_stand'), models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='clinic_apitoken_has_a_name'), models.CheckConstraint(condition=models.Q(('scope', ''), _negated=True), name='clinic_apitoken_may_something'), models.CheckConstraint(condition=models.Q(('expires_at__gt', models.F('made_at'))), name='clinic_apitoken_ends_after_it_was_made')],
            },
        ),
        migrations.CreateModel(
            name='AuditEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('roles', models.CharField(max_length=200)),
                ('action', models.CharField(max_length=60)),
                ('object_type', models.CharField(max_length=60)),
                ('object_id', models.BigIntegerField(null=True)),
                ('outcome', models.CharField(choices=[('done', 'done'), ('refused', 'refused'), ('failed', 'failed')], max_length=10)),
                ('route', models.CharField(max_length=100)),
                ('request_id', models.CharField(max_length=32)),
                ('previous_hash', models.CharField(max_length=64)),
                ('hash', models.CharField(max_length=64)),
                ('actor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name_plural': 'audit entries',
                'ordering': ['pk'],
                'indexes': [models.Index(fields=['actor', 'at'], name='clinic_auditentry_by_actor')],
                'constraints': [models.CheckConstraint(condition=models.Q(('outcome__in', ['done', 'refused', 'failed'])), name='clinic_auditentry_outcome_is_known')],
            },
        ),
        migrations.CreateModel(
            name='AuditedPatient',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('patient_id', models.BigIntegerField()),
                ('entry', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='patients', to='clinic.auditentry')),
            ],
            options={
                'indexes': [models.Index(fields=['patient_id', 'entry'], name='clinic_auditedpatient_entries')],
                'constraints': [models.UniqueConstraint(fields=('entry', 'patient_id'), name='clinic_a_patient_stands_once_in_an_entry')],
            },
        ),
        migrations.CreateModel(
            name='Clinic',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', clinic.records.text.Line(max_length=200)),
                ('address', clinic.records.text.Lines(blank=True)),
                ('phone', clinic.records.text.Line(blank=True, max_length=50)),
                ('time_zone', models.CharField(choices=clinic.records.models._time_zones, default='Europe/London', max_length=64)),
            ],
            options={
                'verbose_name_plural': 'clinic',
                'constraints': [models.CheckConstraint(condition=models.Q(('pk', 1)), name='clinic_there_is_one_clinic')],
            },
        ),
        migrations.CreateModel(
            name='HistoricalClinic',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('name', clinic.records.text.Line(max_length=200)),
                ('address', clinic.records.text.Lines(blank=True)),
                ('phone', clinic.records.text.Line(blank=True, max_length=50)),
                ('time_zone', models.CharField(choices=clinic.records.models._time_zones, default='Europe/London', max_length=64)),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'historical clinic',
                'verbose_name_plural': 'historical clinic',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='Submission',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.UUIDField()),
                ('route', models.CharField(max_length=200)),
                ('body_hash', models.CharField(max_length=64)),
                ('object_type', models.CharField(max_length=60)),
                ('object_id', models.BigIntegerField(null=True)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('person', 'key'), name='clinic_a_form_is_sent_once')],
            },
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.RunPython(create_cache_table, migrations.RunPython.noop),
    ]
    operations = together(operations)
