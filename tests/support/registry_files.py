"""A small registry as files, and how a file is taken in."""
# ruff: noqa: PLC0415 (Django must be set up before its models are imported)

from __future__ import annotations

from datetime import UTC, datetime

NOW = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
REGIONS = (
    "code,name,level,parent\n653101100,乌帕尔乡,township,653101\n653101,喀什市,county,6531\n6531,喀什地区,prefecture,\n"
)
SITES = (
    "站点,站点类型,名称,地区,languages\nhall-1,行政村,文化室,653101100,ug; zh-Hans\nschool-1,school,小学,653101100,\n"
)
STATIONS = "name,region,title,site\nh1,653101,文化室,hall-1\nr1,653101,一班,school-1\n"


def take(name: str, content: str | bytes, *, keep: bool = True):
    from estation_central.registry.transfer import booking

    raw = content.encode() if isinstance(content, str) else content
    return booking.import_file(name, raw, None, NOW) if keep else booking.preview_file(name, raw, NOW)


def everything() -> dict[str, list]:
    """All rows of the registry, without their hours."""
    from estation_central.registry.models import Box, BoxAssignment, Officer, Placement, Region, Site
    from estation_central.stations.models import Station

    models = (Region, Site, Station, Box, BoxAssignment, Placement, Officer)
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in models}
