from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('compliance', '0003_where_stations_stood'),
    ]

    operations = [
        migrations.CreateModel(
            name='ItemMonth',
            fields=[
                ('pk', models.CompositePrimaryKey('site', 'month', 'content', blank=True, editable=False, primary_key=True, serialize=False)),
                ('site', models.CharField(max_length=64)),
                ('month', models.CharField(max_length=7)),
                ('content', models.CharField(max_length=64)),
                ('times', models.BigIntegerField()),
                ('milliseconds', models.BigIntegerField()),
            ],
            options={
                'db_table': 'item_month',
                'indexes': [models.Index(fields=['content', 'site', 'month'], name='item_month_sites')],
            },
        ),
        migrations.CreateModel(
            name='ItemTotal',
            fields=[
                ('pk', models.CompositePrimaryKey('month', 'content', blank=True, editable=False, primary_key=True, serialize=False)),
                ('month', models.CharField(max_length=7)),
                ('content', models.CharField(max_length=64)),
                ('times', models.BigIntegerField()),
                ('milliseconds', models.BigIntegerField()),
            ],
            options={
                'db_table': 'item_total',
            },
        ),
        # every site is reckoned once more, and has its items' months then
        migrations.RunSQL('DELETE FROM reckoned_site', migrations.RunSQL.noop),
    ]
