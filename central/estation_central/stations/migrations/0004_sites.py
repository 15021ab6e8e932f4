from django.db import migrations


COUNTY = 'county'


def make_sites(apps, _schema_editor):
    """Each site that a station named becomes a row of its own, in its county, with what its first station owed."""
    Station = apps.get_model('stations', 'Station')
    Region = apps.get_model('registry', 'Region')
    Site = apps.get_model('registry', 'Site')
    seen = set()
    for station in Station.objects.order_by('site', 'name').iterator():
        if station.site in seen:
            continue
        seen.add(station.site)
        region, made = Region.objects.get_or_create(
            code=station.region, defaults={'name': station.region, 'level': COUNTY}
        )
        if made:
            region.path = f'{region.pk}/'
            region.save(update_fields=['path'])
        Site.objects.create(
            code=station.site,
            kind=station.site_kind,
            title=station.title if station.site_kind != 'school' else station.site,
            region=region,
            timezone=station.timezone,
            minimum_sessions=min(max(station.minimum_sessions, 1), 50),
            minimum_seconds=min(max(station.minimum_seconds, 1), 86_400),
            policy=station.site_policy,
            share_percent=min(max(station.site_share_percent, 1), 100),
        )


class Migration(migrations.Migration):

    dependencies = [
        ('registry', '0001_initial'),
        ('stations', '0003_enrolment'),
    ]

    operations = [
        migrations.RunPython(make_sites),
    ]
