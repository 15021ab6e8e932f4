"""A made-up prefecture of the real size, as tables: 2,339 villages, 1,239 schools, 24,139 stations."""

from __future__ import annotations

from estation_central.registry.transfer.files import Table

VILLAGES, SCHOOLS, ROOMS = 2339, 1239, 21_800
COUNTIES, TOWNSHIPS = 12, 180


def _table(name: str, header: str, rows: list[tuple[str, ...]]) -> Table:
    return Table(name, tuple(header.split()), tuple(enumerate(rows, 2)))


def tables(share: int = 1) -> list[Table]:
    """The sheets regions, bodies, sites and stations; of every ``share``-th village, school and room alone."""
    schools = SCHOOLS // share
    counties = [f"6531{n:02}" for n in range(1, COUNTIES + 1)]
    townships = [f"{counties[n % COUNTIES]}{100 + n // COUNTIES:03}" for n in range(TOWNSHIPS)]
    villages = [f"{townships[n % TOWNSHIPS]}{200 + n // TOWNSHIPS:03}" for n in range(VILLAGES // share)]
    regions = [("6531", "喀什地区", "prefecture", "")]
    regions += [(code, f"{code}县", "county", "6531") for code in counties]
    regions += [(code, f"{code}乡", "township", code[:6]) for code in townships]
    regions += [(code, f"{code}村", "village", code[:9]) for code in villages]
    regions += [(f"edu-{code}", f"{code}学区", "district", code) for code in counties]
    bodies = [(f"edu-{code}", f"{code}教育局", "education") for code in counties]
    sites = [(f"v-{code}", "village", f"{code}文化室", code, "", "", "600") for code in villages]
    for n in range(schools):
        county = counties[n % COUNTIES]
        edu = f"edu-{county}"
        sites.append((f"s-{n:04}", "school", f"第{n}小学", townships[n % TOWNSHIPS], edu, edu, "300"))
    stations = [(f"hall-{n:04}", code[:6], f"{code}文化室", f"v-{code}") for n, code in enumerate(villages)]
    stations += [
        (f"room-{n:05}", townships[n % schools % TOWNSHIPS][:6], f"{n // schools}班", f"s-{n % schools:04}")
        for n in range(ROOMS // share)
    ]
    return [
        _table("regions", "code name level parent", regions),
        _table("bodies", "code name kind", bodies),
        _table("sites", "code kind title region district host minimum_seconds", sites),
        _table("stations", "name region title site", stations),
    ]
