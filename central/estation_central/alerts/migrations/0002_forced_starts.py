from django.db import migrations


# Starts within the last day are asked for at every pass, of all stations at once: a few rows among thirty million.
class Migration(migrations.Migration):

    dependencies = [
        ('alerts', '0001_initial'),
        ('stations', '0006_records_by_month'),
    ]

    operations = [
        migrations.RunSQL(
            "CREATE INDEX journal_record_boot ON journal_record (received) WHERE kind = 'boot'",
            'DROP INDEX journal_record_boot',
        ),
    ]
