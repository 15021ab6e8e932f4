import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('stations', '0004_sites'),
    ]

    operations = [
        migrations.RemoveIndex(model_name='station', name='station_site'),
        migrations.AlterField(
            model_name='station',
            name='site',
            field=models.ForeignKey(db_column='site', on_delete=django.db.models.deletion.PROTECT, related_name='stations', to='registry.site', verbose_name='site'),
        ),
        migrations.AddField(
            model_name='station',
            name='retired',
            field=models.DateField(blank=True, null=True, verbose_name='given up on'),
        ),
        migrations.RemoveField(model_name='station', name='site_kind'),
        migrations.RemoveField(model_name='station', name='timezone'),
        migrations.RemoveField(model_name='station', name='minimum_sessions'),
        migrations.RemoveField(model_name='station', name='minimum_seconds'),
        migrations.RemoveField(model_name='station', name='site_policy'),
        migrations.RemoveField(model_name='station', name='site_share_percent'),
    ]
