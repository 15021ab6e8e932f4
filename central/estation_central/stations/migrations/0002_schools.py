
import django.core.validators
from django.db import migrations, models


# A boot that never learnt the time is dated by what stands around it in the journal: its `boot` and `day` as well.
INDEX_AGAIN = """
DROP INDEX journal_record_week;
CREATE INDEX journal_record_week ON journal_record (station, kind)
    WHERE kind IN ('boot', 'clock.set', 'day', 'session.ended', 'session.started', 'week.closed');
"""
INDEX_BEFORE = """
DROP INDEX journal_record_week;
CREATE INDEX journal_record_week ON journal_record (station, kind)
    WHERE kind IN ('session.started', 'session.ended', 'clock.set', 'week.closed');
"""


class Migration(migrations.Migration):

    dependencies = [
        ('stations', '0001_initial'),
    ]

    operations = [
        migrations.RunSQL(INDEX_AGAIN, INDEX_BEFORE),
        migrations.CreateModel(
            name='SchoolSession',
            fields=[
                ('pk', models.CompositePrimaryKey('station', 'session', 'part', blank=True, editable=False, primary_key=True, serialize=False)),
                ('station', models.CharField(max_length=48)),
                ('session', models.CharField(max_length=32)),
                ('part', models.PositiveSmallIntegerField()),
                ('site', models.CharField(max_length=64)),
                ('week', models.CharField(max_length=8)),
                ('counting', models.FloatField()),
                ('tv_off', models.BooleanField()),
            ],
            options={
                'db_table': 'school_session',
            },
        ),
        migrations.CreateModel(
            name='SiteWeek',
            fields=[
                ('pk', models.CompositePrimaryKey('site', 'week', blank=True, editable=False, primary_key=True, serialize=False)),
                ('site', models.CharField(max_length=64)),
                ('week', models.CharField(max_length=8)),
                ('met_since', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'site_week',
            },
        ),
        migrations.AddField(
            model_name='station',
            name='site_policy',
            field=models.CharField(choices=[('any-room', 'any room'), ('share', 'a share of the rooms'), ('every-room', 'every room')], default='any-room', max_length=10, verbose_name='rooms that must meet the minimum'),
        ),
        migrations.AddField(
            model_name='station',
            name='site_share_percent',
            field=models.PositiveSmallIntegerField(default=100, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(100)], verbose_name='share of the rooms, per cent'),
        ),
        migrations.AddIndex(
            model_name='station',
            index=models.Index(fields=['site'], name='station_site'),
        ),
        migrations.AddIndex(
            model_name='schoolsession',
            index=models.Index(fields=['site', 'week'], name='school_session_site'),
        ),
    ]
