from datetime import UTC, datetime

from django.db import migrations, models
from msgspec import json
from msgspec.structs import asdict

from estation_central.publication import stock


def fill(apps, _editor):
    """What the library that was taken in last offers, as the next one will say it."""
    published = apps.get_model('publication', 'Published').objects
    documents = {each.name: bytes(each.content) for each in published.all()}
    now = max((each.taken for each in published.all()), default=datetime.now(UTC))
    offered, told = apps.get_model('publication', 'Offered'), apps.get_model('publication', 'Told')
    rows = [offered(**asdict(each), since=now) for each in stock.offers(documents)]
    offered.objects.bulk_create(rows, batch_size=500)
    bodies = [told(name=name, body=json.encode(each).decode()) for name, each in stock.notices(documents).items()]
    told.objects.bulk_create(bodies, batch_size=500)


class Migration(migrations.Migration):

    dependencies = [
        ('publication', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Offered',
            fields=[
                ('content', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('title', models.CharField(max_length=200)),
                ('title_en', models.CharField(max_length=200)),
                ('series', models.CharField(max_length=200)),
                ('series_en', models.CharField(max_length=200)),
                ('topic', models.CharField(max_length=40)),
                ('languages', models.CharField(max_length=100)),
                ('seconds', models.FloatField()),
                ('role', models.CharField(max_length=64)),
                ('since', models.DateTimeField()),
                ('gone', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'catalogue_item',
            },
        ),
        migrations.CreateModel(
            name='Told',
            fields=[
                ('name', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('body', models.TextField()),
            ],
            options={
                'db_table': 'published_bulletin',
            },
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
