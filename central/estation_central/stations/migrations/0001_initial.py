
import django.core.validators
from django.db import migrations, models


# One statement for both databases: SQLite takes any name of a type. There is no unique index, so that PostgreSQL can
# cut the table by month; the watermark, locked in the same transaction, keeps every record single.
MAKE_RECORDS = """
CREATE TABLE journal_record (
    station varchar(48) NOT NULL,
    journal varchar(32) NOT NULL,
    seq bigint NOT NULL,
    at timestamptz NOT NULL,
    boot varchar(32) NOT NULL,
    up double precision NOT NULL,
    trust varchar(10) NOT NULL,
    kind varchar(40) NOT NULL,
    understood boolean NOT NULL,
    raw text NOT NULL,
    received timestamptz NOT NULL
);
CREATE INDEX journal_record_place ON journal_record (station, journal, seq);
CREATE INDEX journal_record_week ON journal_record (station, kind)
    WHERE kind IN ('session.started', 'session.ended', 'clock.set', 'week.closed');
"""


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='JournalRecord',
            fields=[
                ('pk', models.CompositePrimaryKey('station', 'journal', 'seq', blank=True, editable=False, primary_key=True, serialize=False)),
                ('station', models.CharField(max_length=48)),
                ('journal', models.CharField(max_length=32)),
                ('seq', models.BigIntegerField()),
                ('at', models.DateTimeField()),
                ('boot', models.CharField(max_length=32)),
                ('up', models.FloatField()),
                ('trust', models.CharField(max_length=10)),
                ('kind', models.CharField(max_length=40)),
                ('understood', models.BooleanField()),
                ('raw', models.TextField()),
                ('received', models.DateTimeField()),
            ],
            options={
                'db_table': 'journal_record',
                'managed': False,
            },
        ),
        migrations.RunSQL(MAKE_RECORDS, 'DROP TABLE journal_record'),
        migrations.CreateModel(
            name='HashMismatch',
            fields=[
                ('pk', models.CompositePrimaryKey('station', 'journal', blank=True, editable=False, primary_key=True, serialize=False)),
                ('station', models.CharField(max_length=48)),
                ('journal', models.CharField(max_length=32)),
                ('seq', models.BigIntegerField()),
                ('theirs', models.CharField(max_length=64)),
                ('first_seen', models.DateTimeField()),
                ('last_seen', models.DateTimeField()),
            ],
            options={
                'db_table': 'hash_mismatch',
            },
        ),
        migrations.CreateModel(
            name='Latest',
            fields=[
                ('pk', models.CompositePrimaryKey('station', 'leaf', blank=True, editable=False, primary_key=True, serialize=False)),
                ('station', models.CharField(max_length=48)),
                ('leaf', models.CharField(max_length=10)),
                ('region', models.CharField(max_length=6)),
                ('payload', models.TextField(blank=True)),
                ('heard', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'latest',
            },
        ),
        migrations.CreateModel(
            name='LostRange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('station', models.CharField(db_index=True, max_length=48)),
                ('journal', models.CharField(max_length=32)),
                ('first_seq', models.BigIntegerField()),
                ('last_seq', models.BigIntegerField()),
                ('booked', models.DateTimeField()),
            ],
            options={
                'db_table': 'lost_range',
            },
        ),
        migrations.CreateModel(
            name='Quarantined',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('received', models.DateTimeField()),
                ('topic', models.CharField(max_length=128)),
                ('reason', models.CharField(max_length=300)),
                ('payload', models.BinaryField()),
            ],
            options={
                'db_table': 'quarantine',
            },
        ),
        migrations.CreateModel(
            name='Station',
            fields=[
                ('name', models.CharField(max_length=48, primary_key=True, serialize=False, validators=[django.core.validators.RegexValidator('^[a-z0-9][a-z0-9-]{0,47}\\Z')], verbose_name='station')),
                ('region', models.CharField(max_length=6, validators=[django.core.validators.RegexValidator('^[0-9]{6}\\Z')], verbose_name='county code')),
                ('title', models.CharField(max_length=200, verbose_name='name')),
                ('site', models.CharField(max_length=64, verbose_name='site')),
                ('site_kind', models.CharField(choices=[('village', 'village'), ('school', 'school'), ('mobile', 'mobile')], max_length=10, verbose_name='kind of site')),
                ('timezone', models.CharField(max_length=64, verbose_name='time zone')),
                ('minimum_sessions', models.PositiveSmallIntegerField(default=1, validators=[django.core.validators.MinValueValidator(1)])),
                ('minimum_seconds', models.PositiveIntegerField(default=600, validators=[django.core.validators.MinValueValidator(1)])),
            ],
            options={
                'db_table': 'station',
                'ordering': ['region', 'site', 'name'],
            },
        ),
        migrations.CreateModel(
            name='Watermark',
            fields=[
                ('pk', models.CompositePrimaryKey('station', 'journal', blank=True, editable=False, primary_key=True, serialize=False)),
                ('station', models.CharField(max_length=48)),
                ('journal', models.CharField(max_length=32)),
                ('watermark', models.BigIntegerField()),
                ('hash', models.CharField(blank=True, max_length=64)),
            ],
            options={
                'db_table': 'watermark',
            },
        ),
        migrations.CreateModel(
            name='Command',
            fields=[
                ('id', models.CharField(max_length=32, primary_key=True, serialize=False)),
                ('station', models.CharField(max_length=48)),
                ('session', models.CharField(blank=True, max_length=32)),
                ('body', models.TextField()),
                ('not_before', models.DateTimeField()),
                ('expires', models.DateTimeField()),
                ('sent', models.DateTimeField(null=True)),
                ('answered', models.DateTimeField(null=True)),
                ('outcome', models.CharField(blank=True, max_length=10)),
                ('reason', models.CharField(blank=True, max_length=500)),
            ],
            options={
                'db_table': 'command',
                'indexes': [models.Index(fields=['station', 'expires'], name='command_station'), models.Index(condition=models.Q(('sent', None)), fields=['not_before'], name='command_unsent')],
            },
        ),
        migrations.CreateModel(
            name='Picture',
            fields=[
                ('command', models.CharField(max_length=32, primary_key=True, serialize=False)),
                ('station', models.CharField(max_length=48)),
                ('session', models.CharField(blank=True, max_length=32)),
                ('media_type', models.CharField(max_length=40)),
                ('content', models.BinaryField()),
                ('received', models.DateTimeField()),
            ],
            options={
                'db_table': 'picture',
                'indexes': [models.Index(fields=['station', 'session'], name='picture_session')],
            },
        ),
    ]
