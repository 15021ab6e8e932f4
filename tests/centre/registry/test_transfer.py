"""The registry in files: nothing before it is confirmed, all or nothing, and the same file again changes nothing."""
# ruff: noqa: PLC0415 (Django must be set up before its models are imported)

from __future__ import annotations

import csv
import io
import random
import time
import zipfile
from pathlib import Path

import openpyxl
import pytest

from tests.support.central_here import here
from tests.support.registry_files import NOW, REGIONS, SITES, STATIONS, everything, take


def test_a_preview_changes_nothing(tables: None) -> None:
    """What a file would do is told in numbers; the registry is as it was."""
    before = everything()
    outcome = take("regions.csv", REGIONS, keep=False)
    assert [(each.created, each.changed, each.same) for each in outcome.counts.values()] == [(3, 0, 0)]
    assert everything() == before


def test_a_file_is_taken_and_taken_again(small: None) -> None:
    """Rows may stand in any order, headings in either language; the same file again changes nothing."""
    from estation_central.registry.models import Region, Site, Transfer

    township = Region.objects.get(code="653101100")
    assert township.path.count("/") == 3
    assert list(Site.objects.values_list("code", "languages")) == [("hall-1", ["ug", "zh-Hans"]), ("school-1", [])]
    before, booked = everything(), Transfer.objects.count()
    for name, content in (("regions.csv", REGIONS), ("sites.csv", SITES), ("stations.csv", STATIONS)):
        outcome = take(name, content)
        assert outcome.nothing
        assert not outcome.faults
    assert everything() == before
    assert Transfer.objects.count() == booked


def test_one_wrong_row_keeps_all_others_out(small: None) -> None:
    """Of a hundred good rows and a bad one none is taken; the bad one is named with its number."""
    rows = "".join(f"h{n},653101,文化室,hall-1\n" for n in range(2, 102))
    before = everything()
    outcome = take("stations.csv", "name,region,title,site\n" + rows + "h200,653101,x,hall-9\n")
    assert [(fault.row, fault.sheet) for fault in outcome.faults] == [(102, "stations")]
    assert everything() == before


@pytest.mark.parametrize(
    ("name", "content", "row", "words"),
    [
        ("sites.csv", "code,kind,title,region\ns,ship,x,653101\n", 2, "ship"),
        ("sites.csv", "code,kind,title,region\ns,school,,653101\n", 2, "is empty"),
        ("sites.csv", "code,kind,title,region\ns,school,x,999999\n", 2, "neither in the registry"),
        ("sites.csv", "code,kind,title,region,minimum_seconds\ns,school,x,653101,ten\n", 2, "no whole number"),
        ("sites.csv", "code,kind,title,region,minimum_seconds\ns,school,x,653101,0\n", 2, "1"),
        ("sites.csv", "code,kind,title,region,timezone\ns,school,x,653101,Mars/One\n", 2, "no time zone"),
        ("sites.csv", "code,kind,title,region,languages\ns,school,x,653101,klingon-x\n", 2, "no language tag"),
        ("sites.csv", "code,kind,title,region,closed\ns,school,x,653101,tomorrow\n", 2, "no date"),
        ("sites.csv", "code,kind,title,region,district\ns,school,x,653101,653101\n", 2, "no school district"),
        ("sites.csv", 'code,kind,title,region,hours\ns,school,x,653101,"{""opening"": 1}"\n', 2, "no hours"),
        ("sites.csv", 'code,kind,title,region,hours\ns,school,x,653101,"{""openning"": []}"\n', 2, "openning?"),
        (
            "sites.csv",
            'code,kind,title,region,hours\ns,school,x,653101,"{""closed"":[{""week"":""2026-W40"",""reason"":""x"",""y"":1}]}"\n',
            2,
            "y?",
        ),
        ("sites.csv", "code,kind,title,region\ns,school,x,653101\ns,school,x,653101\n", 3, "stands above"),
        ("sites.csv", "code,kind,title,region\ns,school,x,653101,more\n", 2, "more cells"),
        ("sites.csv", "code,kind,title\ns,school,x\n", 1, "missing"),
        ("sites.csv", "code,kind,title,region,colour\ns,school,x,653101,red\n", 1, "no such column"),
        ("regions.csv", "code,name,level,parent\n653199,x,county,653101\n", 2, "not part of"),
        ("regions.csv", "code,name,level,parent\n65319,x,county,6531\n", 2, "6 digits"),
        ("stations.csv", "name,region,title,site\nBad Name,653101,x,hall-1\n", 2, ""),
        ("boxes.csv", "serial,condition,station\na1,stolen,h1\n", 2, "cannot serve"),
        ("officers.csv", "site,name,phone\nhall-1,甲,none\n", 2, ""),
        ("closed_weeks.csv", "week,reason\n2026-W40,x\n", 2, "of one site"),
        ("what.csv", "a,b\n1,2\n", 0, "No table"),
        ("sites.csv", "", 0, "no row"),
    ],
)
def test_what_is_wrong_is_said_of_its_row(small: None, name: str, content: str, row: int, words: str) -> None:
    """An error names the row and says in plain words what is the matter; nothing is kept."""
    from django.utils import translation

    before = everything()
    with translation.override("en"):
        faults = take(name, content).faults
    assert len(faults) == 1, faults
    assert faults[0].row == row
    assert words in faults[0].words
    with translation.override("zh-hans"):
        in_chinese = take(name, content).faults
    assert any("\u4e00" <= letter <= "\u9fff" for letter in in_chinese[0].words), in_chinese
    assert everything() == before


def test_what_was_looked_at_is_what_is_done(small: None) -> None:
    """Somebody else changed the registry between the look and the yes: nothing is done."""
    from estation_central.registry.models import Site
    from estation_central.registry.transfer import booking

    content = SITES.replace("文化室", "新文化室").encode()
    seen = booking.preview_file("sites.csv", content, NOW)
    Site.objects.filter(code="school-1").update(title="中学")
    done = booking.import_file("sites.csv", content, None, NOW, expected=seen.digest)
    assert done.digest != seen.digest
    assert set(Site.objects.values_list("title", flat=True)) == {"文化室", "中学"}


def test_stations_and_boxes_move_with_their_history(small: None) -> None:
    """Two boxes change places, a station changes its site: what was before stays in the books."""
    from estation_central.registry.models import BoxAssignment, Placement

    assert not take("boxes.csv", "serial,station\na1,h1\na2,r1\na3,\n").faults
    assert not take("boxes.csv", "serial,station\na1,r1\na2,h1\n").faults
    told = BoxAssignment.objects.filter(ended=None).order_by("box").values_list("box", "station")
    assert list(told) == [("a1", "r1"), ("a2", "h1")]
    assert BoxAssignment.objects.count() == 4
    assert not take("stations.csv", "name,region,title,site\nr1,653101,一班,hall-1\n").faults
    assert list(Placement.objects.filter(station="r1").order_by("id").values_list("site", "why")) == [
        ("school-1", "moved"),
        ("hall-1", ""),
    ]
    assert not take("stations.csv", "name,region,title,site,retired\nr1,653101,一班,hall-1,2026-11-01\n").faults
    assert not BoxAssignment.objects.filter(station="r1", ended=None).exists()


NASTY = [
    "=HYPERLINK(1)",
    "+86 998 123",
    "-1",
    "@SUM(A1)",
    "'=1",
    "'x",
    "''=1",
    '"',
    "a,b",
    "一\u3000二",
    "=",
    "\uff1d1",
]


@pytest.mark.parametrize("way", ["csv", "xlsx"])
def test_what_goes_out_comes_in_again_and_nothing_runs(small: None, way: str) -> None:
    """No cell that goes out is a formula, whatever somebody wrote into the registry; taken in again nothing changes."""
    from estation_central.registry.models import Officer, Site
    from estation_central.registry.transfer import files, giving

    for number, text in enumerate(NASTY):
        Site.objects.filter(code="hall-1").update(title=text)
        Officer.objects.create(site_id="hall-1", name=f"{text}{number}", phone="+86 998 1234567")
        tables = giving.tables()
        if way == "csv":
            written = [(f"{table.name}.csv", files.write_csv(table)) for table in tables]
            cells = [c for _n, raw in written for row in csv.reader(io.StringIO(raw.decode("utf-8-sig"))) for c in row]
        else:
            written = [("all.xlsx", files.write_xlsx(tables))]
            book = openpyxl.load_workbook(io.BytesIO(written[0][1]))
            found = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
            assert {cell.data_type for cell in found} == {"s"}
            cells = [str(cell.value) for cell in found]
        assert not [cell for cell in cells if cell.startswith(files.FORMULA)]
        for name, raw in written:
            if len(files.read(name, raw)[0].rows) or way == "xlsx":
                outcome = take(name, raw)
                assert not outcome.faults
                assert outcome.nothing, (text, outcome.counts)


def zipped(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def test_a_file_that_wants_to_do_harm_is_refused_before_it_is_read(django: Path) -> None:
    """Archives that unpack to a gigabyte, too many rows, columns and letters: refused with a plain word, at once."""
    from django.core.exceptions import ValidationError

    from estation_central.registry.transfer import files

    bomb = zipped(**{"xl/worksheets/sheet1.xml": bytes(200 * 2**20)})
    assert len(bomb) < files.FILE_BYTES
    book = openpyxl.Workbook()
    book.active["A1048576"] = "far down"
    down = io.BytesIO()
    book.save(down)
    for content in (
        bomb,
        zipped(**{f"part{n}": b"" for n in range(files.PARTS + 1)}),
        b"PK\x03\x04" + bytes(100),
        zipped(x=b""),
        bytes(files.FILE_BYTES + 1),
        b"code\n" + b"x\n" * (files.ROWS + 1),
        b"code\n" + b"x," * 100 + b"y\n",
        b"code\n" + b"x" * (files.CELL + 1),
        b"\xff\xfe\x00",
        down.getvalue(),
    ):
        began = time.process_time()
        with pytest.raises(ValidationError):
            files.read("x.xlsx", content)
        assert time.process_time() - began < 5.0


def test_damaged_spreadsheets_break_nothing(small: None) -> None:
    """Five hundred XLSX files with flipped and missing bytes: each is read or refused in plain words."""
    from django.core.exceptions import ValidationError

    from estation_central.registry.transfer import files, giving

    whole = files.write_xlsx(giving.tables())
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    chance = random.Random(6)
    refused = 0
    for number in range(500):
        if number % 2:
            raw = bytearray(whole)
        else:  # damage inside, with the archive sound around it
            name = chance.choice(sorted(parts))
            raw = bytearray(parts[name])
        for _ in range(chance.randint(1, 8)):
            raw[chance.randrange(len(raw))] = chance.randrange(256)
        if chance.random() < 0.2:
            del raw[chance.randrange(len(raw)) :]
        content = bytes(raw) if number % 2 else zipped(**(parts | {name: bytes(raw)}))
        try:
            files.read("x.xlsx", content)
        except ValidationError:
            refused += 1
    assert refused > 100


def test_excel_in_china_writes_another_alphabet(tables: None) -> None:
    """A CSV file in GB 18030, as Excel writes it, is taken as well."""
    assert not take("地区.csv", REGIONS.encode("gb18030")).faults
    from estation_central.registry.models import Region

    assert Region.objects.filter(name="乌帕尔乡").exists()


@pytest.mark.parametrize("share", [10, pytest.param(1, marks=pytest.mark.soak)])
@pytest.mark.parametrize("tables", ["postgres"], indirect=True)  # SQLite takes the whole of it in test_pages.py
def test_a_whole_prefecture_in_one_file(tables: None, share: int) -> None:
    """3,578 sites and 24,139 stations in one XLSX file: taken in within two minutes, and again without a change."""
    from estation_central.registry.models import Placement, Site
    from estation_central.registry.transfer import files
    from estation_central.stations.models import Station
    from tests.support import prefecture

    sheets = prefecture.tables(share)
    sites, stations = (len(sheet.rows) for sheet in sheets if sheet.name in {"sites", "stations"})
    assert share > 1 or (sites, stations) == (3578, 24_139)
    content = files.write_xlsx(sheets)
    began = time.process_time()
    assert not take("prefecture.xlsx", content).faults
    took = time.process_time() - began
    assert (Site.objects.count(), Station.objects.count(), Placement.objects.count()) == (sites, stations, stations)
    again = take("prefecture.xlsx", content)
    assert again.nothing
    assert took < 120.0 / share
    print(f"import of {len(content)} bytes: {took:.1f} s of CPU")


def test_from_the_command_line(django: Path, state: Path, tmp_path: Path) -> None:
    """Preview, yes, export, and what is not covered; a wrong file is refused with a line and no traceback."""
    for name, content in (("regions.csv", REGIONS), ("sites.csv", SITES)):
        (tmp_path / name).write_text(content)
        seen = here(state, "registry", "import", str(tmp_path / name))
        assert (seen.returncode, "--yes" in seen.stdout) == (0, True), seen.stderr
        assert here(state, "registry", "import", "--yes", str(tmp_path / name)).returncode == 0
    assert here(state, "registry", "export", str(tmp_path / "all.xlsx")).returncode == 0
    assert here(state, "registry", "export", str(tmp_path / "all")).returncode == 0
    assert (tmp_path / "all" / "sites.csv").read_text().count("文化室") == 1
    again = here(state, "registry", "import", str(tmp_path / "all.xlsx"))
    assert (again.returncode, "2 as they are" in again.stdout) == (0, True)
    bare = here(state, "registry", "coverage")
    assert (bare.returncode, "hall-1" in bare.stdout, "school-1" in bare.stdout) == (1, True, True)
    (tmp_path / "bad.csv").write_text("code,kind,title,region\ns,ship,x,653101\n")
    wrong = here(state, "registry", "import", "--yes", str(tmp_path / "bad.csv"))
    assert (wrong.returncode, "bad" in wrong.stdout or "row 2" in wrong.stdout, "Traceback" in wrong.stderr) == (
        1,
        True,
        False,
    )
    assert here(state, "registry", "import", str(tmp_path / "none.csv")).returncode == 2
    assert "officers erased: 0" in here(state, "registry", "erase-officers").stdout


def test_a_merger_and_a_new_code_from_the_command_line(django: Path, state: Path, tmp_path: Path) -> None:
    """Both are one line; what cannot be is refused with one."""
    for name, content in (("regions.csv", REGIONS), ("sites.csv", SITES), ("stations.csv", STATIONS)):
        (tmp_path / name).write_text(content)
        assert here(state, "registry", "import", "--yes", str(tmp_path / name)).returncode == 0
    merged = here(state, "registry", "merge", "school-1", "hall-1")
    assert (merged.returncode, "moved: 1" in merged.stdout) == (0, True), merged.stderr
    recoded = here(state, "registry", "recode", "653101", "653199")
    assert (recoded.returncode, "653199" in recoded.stdout) == (0, True), recoded.stderr
    wrong = (
        ("merge", "hall-1", "school-1"),
        ("merge", "hall-1", "x"),
        ("recode", "653101", "1"),
        ("recode", "653199", "1"),
    )
    for words in wrong:
        refused = here(state, "registry", *words)
        assert (refused.returncode, "Traceback" in refused.stderr, bool(refused.stderr)) == (2, False, True), words
