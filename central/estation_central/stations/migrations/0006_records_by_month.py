from django.db import migrations


# PostgreSQL alone cuts the table by month (`collector/months.py`); what is there becomes the first part, up to the month
# after the newest record, without being copied. SQLite keeps its one table.
def cut(apps, schema_editor):
    if schema_editor.connection.vendor != 'postgresql':
        return
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("""
            ALTER TABLE journal_record RENAME TO journal_record_first;
            ALTER INDEX journal_record_place RENAME TO journal_record_first_place;
            ALTER INDEX journal_record_week RENAME TO journal_record_first_week;
            CREATE TABLE journal_record (LIKE journal_record_first INCLUDING DEFAULTS) PARTITION BY RANGE (received);
            CREATE INDEX journal_record_place ON journal_record (station, journal, seq);
            CREATE INDEX journal_record_week ON journal_record (station, kind)
                WHERE kind IN ('boot', 'clock.set', 'day', 'session.ended', 'session.started', 'week.closed');
        """)
        cursor.execute("""
            SELECT to_char(date_trunc('month', max(received) AT TIME ZONE 'UTC') + interval '1 month', 'YYYY-MM-DD')
            FROM journal_record_first""")
        ends = cursor.fetchone()[0] or '1970-01-01'
        cursor.execute(f"""
            ALTER TABLE journal_record ATTACH PARTITION journal_record_first
            FOR VALUES FROM (MINVALUE) TO ('{ends} 00:00:00+00')""")


def join(apps, schema_editor):
    if schema_editor.connection.vendor != 'postgresql':
        return
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("""
            CREATE TABLE journal_record_whole (LIKE journal_record INCLUDING DEFAULTS);
            INSERT INTO journal_record_whole SELECT * FROM journal_record;
            DROP TABLE journal_record;
            ALTER TABLE journal_record_whole RENAME TO journal_record;
            CREATE INDEX journal_record_place ON journal_record (station, journal, seq);
            CREATE INDEX journal_record_week ON journal_record (station, kind)
                WHERE kind IN ('boot', 'clock.set', 'day', 'session.ended', 'session.started', 'week.closed');
        """)


class Migration(migrations.Migration):

    dependencies = [
        ('stations', '0005_a_station_stands_in_a_site'),
    ]

    operations = [
        migrations.RunPython(cut, join),
    ]
