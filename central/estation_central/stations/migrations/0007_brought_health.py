from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('stations', '0006_records_by_month'),
    ]

    operations = [
        migrations.CreateModel(
            name='BroughtHealth',
            fields=[
                ('station', models.CharField(max_length=48, primary_key=True, serialize=False)),
                ('journal', models.CharField(max_length=32)),
                ('seq', models.BigIntegerField()),
                ('told', models.DateTimeField()),
                ('received', models.DateTimeField()),
                ('payload', models.TextField()),
            ],
            options={
                'db_table': 'brought_health',
            },
        ),
    ]
