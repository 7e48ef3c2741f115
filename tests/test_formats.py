"""Formats beside text and .xlsx: R, SAS, old and binary workbooks, OpenDocument, packed tables, and what is no table."""

import gzip
import io
import struct
import zipfile
from pathlib import Path

import pytest

from aice_helpers.core.problems import Findings
from aice_helpers.data.files import packed
from aice_helpers.data.files.reading import read_table
from aice_helpers.study.model import DataFile

MADE = Path(__file__).parent / "formats"
TEXT = b"id,months,dead\nP1,1.5,1\nP2,3,0\n"
TABLE = (("id", "months", "dead"), ((2, ("P1", "1.5", "1")), (3, ("P2", "3", "0"))))


@pytest.fixture
def read(tmp_path):
    """Write bytes and read them: (table, faults, remarks) with the last two as lists of sentences."""

    def read(content, name="a.csv", **source):
        (tmp_path / name).write_bytes(content)
        findings = Findings()
        table = read_table(DataFile(name, **source), findings, folder=tmp_path)
        return table, [str(one) for one in findings.faults], [str(one) for one in findings.remarks]

    return read


def made(name, **source):
    findings = Findings()
    table = read_table(DataFile(name, **source), findings, folder=MADE)
    return table, [str(one) for one in findings.faults], [one.rule for one in findings.remarks]


def same(table):
    return table.header, table.rows


def archive(**content):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as file:
        for entry, text in content.items():
            file.writestr(entry, text)
    return data.getvalue()


# R


@pytest.mark.parametrize("name", ["cohort_gzip.rds", "cohort_bzip2.rds", "cohort_xz.rds", "cohort_2.rds"])
def test_a_data_frame_of_r(name):
    table, faults, remarks = made(name)
    assert faults == []
    assert table.header == (
        "id", "months", "dead", "sex", "start", "treated", "center", "grade", "city", "y.time", "y.status",
    )  # fmt: skip
    assert table.rows[0] == (2, ("P01", "1.5", "1", "f", "2020-01-05", "TRUE", "1", "1", "Köln", "1.5", "1"))
    assert table.rows[3] == (5, ("P04", "", "0", "", "2020-01-08", "TRUE", "4", "1", "d", "4", "0"))
    assert table.rows[4][1][2] == ""
    assert table.titles == {"months": "Overall survival (months)", "grade": "Tumor grade"}
    assert table.labels == {"grade": {"1": "Low", "2": "Middle", "3": "High"}}
    assert table.typed
    assert remarks == ["the columns 'lists' hold lists or tables, not one value a row; they are left out"]


def test_which_data_frame_of_several_is_asked():
    table, (fault,), _ = made("two.RData")
    assert table is None
    assert fault == (
        "two.RData: the file holds 2 data frames: 'cohort', 'named'. "
        "Name the one with the patients in the study file (sheet: cohort)."
    )
    table, faults, remarks = made("two.RData", sheet="named")
    assert (same(table), faults) == ((("row_name", "months", "dead"), ((2, ("a", "1", "0")), (3, ("b", "2", "1")))), [])
    assert remarks == ["the row names of R are the column 'row_name'"]
    assert "holds no data frame 'x'. Data frames: 'cohort', 'named'." in made("two.RData", sheet="x")[1][0]


def test_an_object_of_r_that_is_no_table():
    assert made("model.rds")[1] == [
        "model.rds: the file holds no data frame (but: coxph). "
        'Save the table itself in R: saveRDS(as.data.frame(table), "table.rds").'
    ]
    table, _, remarks = made("one.RData")
    assert table.header == ("row_name", "months", "dead")
    assert "the file holds other objects beside the data frame; they are not read" in remarks


def test_r_files_cut_short_or_garbled_are_refused_in_words(read):
    whole = (MADE / "cohort_2.rds").read_bytes()
    for place in range(2, len(whole) - 1, 37):
        table, faults, _ = read(whole[:place], "a.rds")
        assert table is None
        assert len(faults) == 1
        garbled = bytearray(whole)
        garbled[place] ^= 0xFF
        table, faults, _ = read(bytes(garbled), "a.rds")
        assert table is not None or len(faults) == 1
    endless = b"X\n" + struct.pack(">iiiii", 2, 0, 0, 19, 2**31 - 1)
    assert "far too large" in read(endless, "a.rds")[1][0]


# SAS and workbooks


def test_a_sas_data_set_in_a_gzip_file(read):
    data = gzip.decompress((MADE / "cohort.sas7bdat.gz").read_bytes())
    table, faults, remarks = read(data, "a.sas7bdat")
    assert (faults, remarks) == ([], [])
    assert table.header == ("id", "months", "dead", "start", "grade")
    assert table.rows[0] == (2, ("P01", "1.5", "1", "2020-01-05", "1"))
    assert table.rows[3] == (5, ("P04", "", "0", "2020-01-08", "1"))
    assert table.titles == {"months": "Overall survival (months)", "grade": "Tumor grade"}
    assert same(made("cohort.sas7bdat.gz")[0]) == same(table)


def test_an_old_workbook_whatever_its_name(read):
    table, faults, remarks = made("cohort.xls")
    assert faults == []
    assert table.header == ("id", "months", "dead", "start", "treated", "größe")
    assert table.rows[:2] == (
        (2, ("P1", "1.5", "1", "2020-01-01", "FALSE", "é")),
        (3, ("P2", "3", "0", "2020-01-02", "TRUE", "é")),
    )
    assert remarks == ["the workbook has 2 sheets with content; 'Patients' was read, not 'Notes'"]
    other, faults, remarks = read((MADE / "cohort.xls").read_bytes(), "a.xlsx", sheet="Patients")
    assert (same(other), faults) == (same(table), [])
    assert remarks == ["a.xlsx: the content is a workbook of the old Excel format, whatever the name says, and is read as such. Rename it."]  # fmt: skip
    assert made("cohort.xls", sheet="x")[1] == [
        "cohort.xls: the workbook has no sheet 'x'. Sheets: 'Patients', 'Notes'."
    ]


def test_text_that_is_called_a_workbook(read):
    table, faults, remarks = read(TEXT.replace(b",", b"\t"), "a.xls")
    assert (same(table), faults) == (TABLE, [])
    assert "the content is text, whatever the name says, and is read as such" in remarks[0]
    for page in (
        b"<html><body><table><tr><td>id</td></tr></table>",
        b"\xef\xbb\xbf <!DOCTYPE html>",
        b"<table border=1>",
    ):
        table, (fault,), _ = read(page, "a.xls")
        assert table is None
        assert fault == (
            "a.xls: the content is a page of HTML, whatever the name says. "
            "Open it in a spreadsheet and save it as an Excel workbook (.xlsx)."
        )


def binary_workbook(rows):
    """A workbook in the binary form of Excel, rows as lists of (column, value); [MS-XLSB]."""

    def record(kind, data=b""):
        size, length = len(data), b""
        while True:
            length += bytes([(size & 127) | (128 if size > 127 else 0)])
            size >>= 7
            if not size:
                break
        return (bytes([kind]) if kind < 128 else bytes([kind & 127 | 128, kind >> 7])) + length + data

    def wide(text):
        return struct.pack("<I", len(text)) + text.encode("utf-16-le")

    sheet = record(129) + record(148, struct.pack("<IIII", 0, 1, 0, 1)) + record(145)
    for row, cells in rows:
        sheet += record(0, struct.pack("<IIHBBI", row, 0, 300, 0, 0, 0) + b"\0")
        for column, value in cells:
            place = struct.pack("<II", column, 0)
            text = isinstance(value, str)
            sheet += record(6, place + wide(value)) if text else record(5, place + struct.pack("<d", value))
    sheet += record(146) + record(130)
    book = record(131) + record(143) + record(156, struct.pack("<II", 0, 1) + wide("rId1") + wide("Patients"))
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"
    links = "http://schemas.openxmlformats.org/package/2006/relationships"
    return archive(
        **{
            "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
            "xl/workbook.bin": book + record(144) + record(132),
            "xl/_rels/workbook.bin.rels": f'<Relationships xmlns="{links}"><Relationship Id="rId1" Type="{office}" '
            'Target="worksheets/sheet1.bin"/></Relationships>',
            "xl/worksheets/sheet1.bin": sheet,
        }
    )


BINARY = [(0, [(0, "id"), (1, "months"), (2, "dead")]), (1, [(0, "P1"), (1, 1.5), (2, 1.0)]), (2, [(0, "P2"), (1, 3.0), (2, 0.0)])]  # fmt: skip


def test_a_binary_workbook(read):
    table, faults, remarks = read(binary_workbook(BINARY), "a.xlsb")
    assert (same(table), faults, remarks) == (TABLE, [], [])
    far = binary_workbook([*BINARY, (1_048_575, [(16_383, "x")])])
    assert "far too large for a table of patients" in read(far, "a.xlsb")[1][0]


def open_document(*rows, extra=""):
    names = " ".join(
        f'xmlns:{part}="urn:oasis:names:tc:opendocument:xmlns:{part}:1.0"' for part in ("office", "table", "text")
    )
    body = f'<table:table table:name="Patients">{"".join(rows)}</table:table>{extra}'
    content = f"<office:document-content {names}><office:body><office:spreadsheet>{body}</office:spreadsheet></office:body></office:document-content>"
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    return archive(**{"mimetype": kind, "META-INF/manifest.xml": "<m/>", "content.xml": content})


def line(*cells, more=""):
    found = ""
    for cell in cells:
        if isinstance(cell, str) and cell.startswith("<"):
            found += cell
        elif isinstance(cell, str):
            found += f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>'
        else:
            # What is shown is rounded; what is stored counts.
            found += f'<table:table-cell office:value-type="float" office:value="{cell}"><text:p>{round(cell)}</text:p></table:table-cell>'
    return f"<table:table-row {more}>{found}</table:table-row>"


EMPTY = '<table:table-cell table:number-columns-repeated="16000"/>'
ODS_HEAD = line("id", "months", "dead", EMPTY)


def test_an_opendocument_spreadsheet(read):
    rows = [
        ODS_HEAD,
        line("P1", 1.5, 1),
        line("P2", 3, 0, more='table:visibility="filter"'),
        line(EMPTY, more='table:number-rows-repeated="1048000"'),
    ]
    table, faults, remarks = read(open_document(*rows), "a.ods")
    assert (same(table), faults) == (TABLE, [])
    assert remarks == ["a.ods, row 3: hidden or filtered rows are read like the others. Check them."]


def test_cells_of_an_opendocument_spreadsheet(read):
    day = '<table:table-cell office:value-type="date" office:date-value="2020-01-05T00:00:00"><text:p>5 Jan</text:p></table:table-cell>'
    yes = '<table:table-cell office:value-type="boolean" office:boolean-value="true"><text:p>WAHR</text:p></table:table-cell>'
    noted = '<table:table-cell office:value-type="string"><office:annotation><text:p>secret</text:p></office:annotation><text:p>a<text:s text:c="2"/>b</text:p></table:table-cell>'
    twice = '<table:table-cell office:value-type="float" office:value="7" table:number-columns-repeated="2"/>'
    table, faults, _ = read(open_document(line("a", "b", "c", "d", "e"), line(day, yes, noted, twice)), "a.ods")
    assert (faults, table.rows) == ([], ((2, ("2020-01-05", "TRUE", "a  b", "7", "7")),))
    formula = '<table:table-cell table:formula="of:=1/2"/>'
    table, _, _ = read(open_document(ODS_HEAD, line("P1", formula, 1)), "a.ods")
    assert [(flaw.row, flaw.rule) for flaw in table.flaws["months"]] == [
        (2, "the cell holds a formula without a stored value")
    ]
    merged = '<table:table-cell office:value-type="string" table:number-columns-spanned="2"><text:p>x</text:p></table:table-cell>'
    assert (
        "row 2: a cell is merged over 1 row and 2 columns" in read(open_document(ODS_HEAD, line(merged)), "a.ods")[1][0]
    )


def test_spreadsheets_made_to_do_harm(read):
    wide = '<table:table-cell office:value-type="float" office:value="7" table:number-columns-repeated="99999999"/>'
    assert "far too wide" in read(open_document(ODS_HEAD, line(wide)), "a.ods")[1][0]
    long = line(1, 2, 3, more='table:number-rows-repeated="99999999"')
    assert "far too large" in read(open_document(ODS_HEAD, long), "a.ods")[1][0]
    entity = open_document(ODS_HEAD, extra="<!ENTITY a 'b'>")
    assert "could do harm" in read(entity, "a.ods")[1][0]
    locked = archive(**{"mimetype": "application/vnd.oasis.opendocument.spreadsheet",
                        "META-INF/manifest.xml": "<manifest:encryption-data/>", "content.xml": "x"})  # fmt: skip
    assert "protected by a password" in read(locked, "a.ods")[1][0]


# Packed tables


def test_packed_tables(read):
    assert same(read(gzip.compress(TEXT), "a.csv.gz")[0]) == TABLE
    assert same(read(gzip.compress(TEXT[:20]) + gzip.compress(TEXT[20:]), "a.csv.gz")[0]) == TABLE
    companions = {"__MACOSX/._a.csv": "x", "folder/a.csv": TEXT, "folder/.DS_Store": "x"}
    assert same(read(archive(**companions), "a.zip")[0]) == TABLE
    assert same(read(archive(**{"b.xls": (MADE / "cohort.xls").read_bytes()}), "a.zip", sheet="Patients")[0]) == same(
        made("cohort.xls")[0]
    )


def test_packed_tables_that_are_refused(read, monkeypatch):
    assert read(archive(**{"b.csv": TEXT, "c.csv": TEXT}), "a.zip")[1] == [
        "a.zip: the archive holds 2 files: 'b.csv', 'c.csv'. Unpack it and name the one with the table."
    ]
    inner = archive(**{"b.csv": TEXT})
    assert read(archive(**{"b.zip": inner}), "a.zip")[0] is None
    assert read(gzip.compress(gzip.compress(TEXT)), "a.csv.gz")[0] is None
    assert "the packed file is damaged" in read(gzip.compress(TEXT)[:-9], "a.csv.gz")[1][0]
    monkeypatch.setattr(packed, "_SMALL", 1000)
    assert "implausible size" in read(gzip.compress(b"0" * 5_000_000), "a.csv.gz")[1][0]


# What is no table


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (archive(**{"META-INF/MANIFEST.MF": "Data-Archive-Version: 1.0\njamovi", "data.bin": "x"}), "a.omv", "a jamovi file. Open it in jamovi"),
        (archive(**{"manifest.json": "{}", "internal.sqlite": "x"}), "a.csv", "a JASP file"),
        (archive(**{"Index/Document.iwa": "x"}), "a.xlsx", "Open it in Numbers and export it: File, Export To, Excel or CSV"),
        (archive(**{"word/document.xml": "x"}), "a.csv", "a Word document"),
        (b"\xff\xd8\xff\xe0", "a.csv", "a picture (JPEG)"),
        (b"%PDF-1.7", "a.xlsx", "a PDF"),
        (b"{\\rtf1", "a.txt", "a text document (RTF)"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "WordDocument".encode("utf-16-le"), "a.xls", "a Word document"),
        (b"x", "a.omv", "a .omv file cannot be read. Open it in jamovi and export the data"),
        (b"x", "a.jasp", "a .jasp file cannot be read. Open it in JASP and export the data"),
        (b"$FL2", "a.csv", "the content is an SPSS data file, not text as the name says. Rename it to .sav"),
    ],
)  # fmt: skip
def test_what_is_no_table_is_called_by_its_name(read, content, name, words):
    table, (fault,), _ = read(content, name)
    assert table is None
    assert words in fault


# Text as R and cBioPortal write it


def test_row_names_of_r(read):
    expected = (("row_name", "time", "dead"), ((2, ("1", "3", "1")), (3, ("2", "4", "0"))))
    rule = "the first column has no name in the header and tells the rows apart; it is the column 'row_name'"
    for content in (b'"","time","dead"\n"1",3,1\n"2",4,0\n', b'"time","dead"\n"1",3,1\n"2",4,0\n'):
        table, faults, remarks = read(content)
        assert (same(table), faults) == (expected, [])
        assert rule in remarks[0]
    # A first column that repeats itself is no name of a row, and one that is empty is none at all.
    assert "a column has no name" in read(b",time,dead\nx,3,1\nx,4,0\n")[1][0]
    assert same(read(b"time,dead\n3,1,\n4,0,\n")[0]) == (("time", "dead"), ((2, ("3", "1")), (3, ("4", "0"))))
    assert "the row has 3 cells, the header 2" in read(b"time,dead\n1,3,1\n1,4,0\n")[1][0]


def test_comments_above_the_header(read):
    content = b"#Patient\tAge at diagnosis\n#text\tnumber\nID\tAGE\nP1\t60\n"
    table, faults, remarks = read(content)
    assert (same(table), faults) == ((("ID", "AGE"), ((4, ("P1", "60")),)), [])
    assert table.titles == {"ID": "Patient", "AGE": "Age at diagnosis"}
    assert "the first 2 lines begin with # and are comments; the column names are in row 3" in remarks[1]
    assert read(b"# made by hand\nid,age\n1,60\n")[0].header == ("id", "age")
    assert read(b"#id,age\n1,60\n2,61\n")[0].header == ("#id", "age")


def test_rows_that_are_no_patients_are_skipped_as_declared(read, tmp_path):
    content = b"id,months\n,in months\nP1,3\nP2,4\n\nTotal,7\nmade by hand\n"
    table, faults, _ = read(content, skip_rows=(2, 6, 7))
    assert (same(table), faults) == ((("id", "months"), ((3, ("P1", "3")), (4, ("P2", "4")))), [])
    assert "leave it out: skip_rows: [7]" in read(content)[1][0]


# Numbers in other writing


@pytest.mark.parametrize(
    ("cells", "decimal", "plain", "what"),
    [
        (("１２．５", "３"), ".", ["12.5", "3"], "full-width digits"),
        (("\u22121.5", "2"), ".", ["-1.5", "2"], "a typographic minus"),
        (("1\u00a0234.5", "2 000", "3"), ".", ["1234.5", "2000", "3"], "spaces or apostrophes between the digits"),
        (("1\u2009234,5", "2,5"), ",", ["1234,5", "2,5"], "spaces or apostrophes between the digits"),
        (("1'234", "5"), ".", ["1234", "5"], "spaces or apostrophes between the digits"),
        (("1.234,5", "2,5"), ",", ["1234,5", "2,5"], "marks between the thousands"),
        (("1,234.5", "2.5"), ".", ["1234.5", "2.5"], "marks between the thousands"),
        (("1.234.567", "2"), ",", ["1234567", "2"], "marks between the thousands"),
    ],
)
def test_numbers_in_other_writing_that_can_mean_one_thing_only(read, cells, decimal, plain, what):
    table, faults, _ = read(
        "\n".join(["id;x", *(f"P{n};{cell}" for n, cell in enumerate(cells))]).encode(), decimal=decimal
    )
    assert (faults, list(table.cells_of("x"))) == ([], plain)
    (note,) = table.notes["x"]
    assert what in note.rule
    assert note.rows[0] == 2


def test_numbers_that_may_mean_two_things_and_words_are_left_alone(read):
    table, _, _ = read("id;x;y\nP0;1.234;12 345 doses\nP1;2,5;Type １\n".encode(), decimal=",")
    assert table.rows == ((2, ("P0", "1.234", "12 345 doses")), (3, ("P1", "2,5", "Type １")))
    assert table.notes == {}
