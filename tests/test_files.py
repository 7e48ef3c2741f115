"""Files as clinics have them: every format gives the same text table, and what is no table is refused in words."""

import datetime
import hashlib
import io
import zipfile

import numpy as np
import openpyxl
import pandas as pd
import pyarrow
import pyreadstat
import pytest
from pyarrow import parquet

from aice_helpers.core.problems import Findings
from aice_helpers.data.files import plain_text, reading, text
from aice_helpers.data.files.cells import Cells
from aice_helpers.data.files.reading import read_table
from aice_helpers.data.files.table import Table, cell_text, file_name
from aice_helpers.study.model import DataFile

TEXT = "id,größe,note\n007,1.5,NA\n8,,schön\n"
CHINESE = "id,性别,医院\n01,男,北京协和医院\n02,女,上海瑞金医院\n"


@pytest.fixture
def read(tmp_path):
    """Write bytes (or take what a function writes) and read them: (table, faults, remarks)."""

    def read(content, name="a.csv", **source):
        path = tmp_path / name
        if callable(content):
            content(path)
        else:
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        findings = Findings()
        table = read_table(DataFile(name, **source), findings, folder=tmp_path)
        return table, findings.faults, findings.remarks

    return read


@pytest.fixture
def fault(read):
    """The one fault of a file that is refused."""

    def fault(*args, **source):
        table, faults, _ = read(*args, **source)
        assert table is None
        (one,) = faults
        return one

    return fault


def rows(table):
    return [cells for _, cells in table.rows]


# Text


@pytest.mark.parametrize(
    ("encoding", "mark", "told"),
    [
        ("utf-8", b"", ""),
        ("utf-8-sig", b"", ""),
        ("utf-16", b"", "UTF-16"),
        ("utf-16-le", b"", "UTF-16"),
        ("utf-16-be", b"", "UTF-16"),
        ("utf-16-be", b"\xfe\xff", "UTF-16"),
        ("latin-1", b"", "Latin-1"),
        ("cp1252", b"", "Latin-1"),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends_are_found_out(read, encoding, mark, told, end):
    table, faults, remarks = read(mark + TEXT.replace("\n", end).encode(encoding))
    assert faults == ()
    assert table.header == ("id", "größe", "note")
    assert table.rows == ((2, ("007", "1.5", "NA")), (3, ("8", "", "schön")))
    assert [remark.rule for remark in remarks] == ([f"the text was read as {told} (detected)"] if told else [])


@pytest.mark.parametrize("encoding", ["gb18030", "gbk", "utf-8", "utf-16", "utf-16-le"])
def test_chinese_text_is_found_out(read, encoding):
    table, _, remarks = read(CHINESE.encode(encoding))
    assert table.header == ("id", "性别", "医院")
    assert rows(table) == [("01", "男", "北京协和医院"), ("02", "女", "上海瑞金医院")]
    told = {"utf-8": [], "gbk": ["GB18030"], "gb18030": ["GB18030"]}.get(encoding, ["UTF-16"])
    assert [remark.rule for remark in remarks] == [f"the text was read as {one} (detected)" for one in told]


def test_western_letters_are_not_taken_for_chinese(read):
    words = "id,ort\n1,Größe\n2,Café à Orléans\n3,Ärzte\n4,µg/l\n5,37 °C\n6,naïve élève\n"
    assert rows(read(words.encode("latin-1"))[0])[5] == ("6", "naïve élève")


def test_a_named_encoding_is_taken_at_its_word(read, fault):
    table, _, remarks = read(CHINESE.encode("gb18030"), encoding="gb18030")
    assert (table.header[1], remarks) == ("性别", ())
    assert "the file is not utf-8 text" in str(fault(CHINESE.encode("gb18030"), encoding="utf-8"))


def test_decomposed_letters_of_a_header_are_composed(read):
    assert read("id,gro\u0308\u00dfe\n1,2\n")[0].header == ("id", "größe")


@pytest.mark.parametrize(("delimiter", "name"), [(";", "a semicolon"), ("\t", "a tab"), ("|", "a bar"), (",", None)])
def test_delimiters_are_found_out_and_said(read, delimiter, name):
    table, faults, remarks = read(TEXT.replace(",", delimiter))
    assert faults == ()
    assert rows(table) == [("007", "1.5", "NA"), ("8", "", "schön")]
    assert [remark.rule for remark in remarks] == ([f"the columns are separated by {name} (detected)"] if name else [])
    assert read(TEXT.replace(",", delimiter), delimiter=delimiter)[2] == ()


def test_semicolons_with_decimal_commas(read):
    table, _, _ = read("id;os\n1;12,5\n2;3,25\n")
    assert rows(table) == [("1", "12,5"), ("2", "3,25")]


def test_the_suffix_tsv_says_tab(read):
    assert read(TEXT.replace(",", "\t"), "a.tsv")[2] == ()


def test_the_line_that_excel_writes_first(read):
    table, faults, _ = read("sep=;\r\nid;os\r\n1;2\r\n")
    assert (faults, table.header, table.rows) == ((), ("id", "os"), ((3, ("1", "2")),))


def test_rows_above_the_header(read, fault):
    table, _, _ = read("Hospital list\n\nid,os\n1,2\n", header=3)
    assert (table.header, table.rows) == (("id", "os"), ((4, ("1", "2")),))
    assert "ends before the header row" in str(fault("id,os\n1,2\n", header=9))


def test_columns_with_neither_name_nor_value_are_left_out_and_said(read, fault):
    table, faults, remarks = read("id,os,,\n1,2,,\n3,4,,\n")
    assert (faults, table.header, rows(table)) == ((), ("id", "os"), [("1", "2"), ("3", "4")])
    assert [remark.rule for remark in remarks] == ["2 columns with neither a name nor a value left out"]
    assert str(fault("id,os,,\n1,2,,\n3,4,x,\n")) == (
        "a.csv, row 1: a column (right of 'os') has no name but holds values. Give every column its own name."
    )


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        (b"", "a.csv", "a.csv: the file is empty. Export the table again."),
        (b"\n \r\n", "a.csv", "a.csv: the file is empty. Export the table again."),
        (b"id,os\n", "a.csv", "a.csv: the table has a header but no rows. Export the table again."),
        (b"id,id\n1,2\n", "a.csv", "a.csv, row 1, column 'id': two columns have the same name. Give every column its own name."),
        (b"id,os\n1\n", "a.csv", "a.csv, row 2: the row has 1 cell, the header 2. Look for a stray or missing delimiter; if the row is no patient, leave it out: skip_rows: [2]."),
        (b'id,os\n1,"2\n', "a.csv", "a.csv, row 2: the table breaks off (unexpected end of data). Look for an unclosed quote."),
        (b"id,os\n1,\x002\n", "a.csv", "a.csv: the file holds NUL bytes, so it is no plain text table. Export it as CSV in UTF-8."),
        (b"just words\n", "a.csv", "a.csv, row 1: the first row has no columns separated by ','. Name the delimiter in the study file."),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "a.csv", "a.csv: the content is a picture (PNG), not a table. Export the table itself, as CSV or an Excel workbook."),
        (b"PK\x03\x04rest", "a.csv", "a.csv: the archive or workbook is damaged. Save it again."),
        (b"id\0os", "a.xlsx", "a.xlsx: the content is not an Excel workbook, as the name says, but something else. Export the table again."),
        (b"PK\x03\x04rest", "a.xlsx", "a.xlsx: the archive or workbook is damaged. Save it again."),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old", "a.xlsx", "a.xlsx: the workbook is damaged. Save it again from a spreadsheet as .xlsx."),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "a.xlsx", "a.xlsx: the workbook is protected by a password. Open it with the password and save a copy without one."),
        (b"anything", "a.sav", "a.sav: the content is not an SPSS data file, as the name says, but text. Export the table again."),
        (b"$FL2 but no more", "a.sav", "a.sav: the content is no SPSS data file, or it is damaged. Save it again, or export it as CSV."),
        (b"anything", "a.dta", "a.dta: the content is no Stata file, or it is damaged. Save it again, or export it as CSV."),
        (b"anything", "a.xpt", "a.xpt: the content is not a SAS transport file, as the name says, but text. Export the table again."),
        (b"HEADER RECORD*", "a.xpt", "a.xpt: the content is no SAS transport file, or it is damaged. Save it again, or export it as CSV."),
        (b"anything", "a.parquet", "a.parquet: the content is not a Parquet file, as the name says, but text. Export the table again."),
        (b"PAR1 PAR1", "a.parquet", "a.parquet: the content is no Parquet file, or it is damaged. Export it again."),
    ],
)  # fmt: skip
def test_what_is_no_table(fault, content, name, message):
    assert str(fault(content, name)) == message


def test_a_file_that_is_not_there_and_a_folder(tmp_path):
    (tmp_path / "folder").mkdir()
    for name, message in {
        "secret/place/none.csv": "none.csv: the file cannot be read (No such file or directory). Check the name in the study file.",
        "folder": "folder: this is a folder or a device, not a file. Name the file inside.",
        "a\0b.csv": "the name holds a character that no file name may hold",
    }.items():
        findings = Findings()
        assert read_table(DataFile(name), findings, folder=tmp_path) is None
        assert message in str(findings.faults[0])
        assert "secret" not in str(findings.faults[0])


def test_messages_name_the_file_and_no_folder(tmp_path, fault):
    assert file_name(r"..\data\a.csv") == file_name("/data/a.csv") == file_name("a.csv") == "a.csv"
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "a.csv").write_text("id,os\n1,2\n", encoding="utf-8")
    for name in ("elsewhere/a.csv", str(tmp_path / "elsewhere" / "a.csv"), "elsewhere/../elsewhere/a.csv"):
        table = read_table(DataFile(name), Findings(), folder=tmp_path)
        assert (table.file, rows(table)) == ("a.csv", [("1", "2")])


def test_the_digest_is_that_of_the_bytes(tmp_path):
    (tmp_path / "a.csv").write_bytes(TEXT.encode())
    digest = hashlib.sha256()
    read_table(DataFile("a.csv"), Findings(), folder=tmp_path, digest=digest)
    assert digest.hexdigest() == hashlib.sha256(TEXT.encode()).hexdigest()


def test_many_like_faults_are_counted(read):
    _, faults, _ = read("id,os\n" + "1,2,3\n" * 113)
    assert len(faults) == 21
    assert [one.row for one in faults[:20]] == list(range(2, 22))
    assert str(faults[20]) == "a.csv: and 93 more rows like this: the row has 3 cells, the header 2."


def test_a_file_far_too_large_is_not_read(fault, monkeypatch):
    monkeypatch.setattr(reading, "MAX_FILE", 10)
    assert "far too large for a table of patients" in str(fault(TEXT))


# Excel


def workbook(*lines, change=None):
    """A function that writes a workbook of one sheet; ``change`` gets the workbook before it is saved."""

    def write(path):
        book = openpyxl.Workbook()
        for line in lines:
            book.active.append(line)
        if change:
            change(book)
        book.save(path)

    return write


def edited(write, part, old, new):
    """A function that writes a workbook and then replaces a text in one of its parts."""

    def write_edited(path):
        write(path)
        content = {}
        with zipfile.ZipFile(path) as archive:
            for entry in archive.namelist():
                content[entry] = archive.read(entry)
        assert old in content[part]
        content[part] = content[part].replace(old, new)
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for entry, data in content.items():
                archive.writestr(entry, data)

    return write_edited


HEAD = ("id", "os", "dead")
SHEET = "xl/worksheets/sheet1.xml"


def test_cells_of_a_workbook(read):
    lines = [
        HEAD,
        (7, 12.5, True),
        ("007", 0.123456789012, "NA"),
        (8.0, "12.5", None),
        (None, None, None),
        (9, datetime.datetime(2020, 1, 5), 1),
    ]
    table, faults, remarks = read(workbook(*lines), "a.xlsx")
    assert (faults, remarks, table.typed, table.header) == ((), (), True, HEAD)
    assert table.rows == (
        (2, ("7", "12.5", "TRUE")),
        (3, ("007", "0.123456789012", "NA")),
        (4, ("8", "12.5", "")),
        (6, ("9", "2020-01-05", "1")),
    )


def test_a_number_shown_with_zeros_in_front_keeps_them(read):
    def change(book):
        book.active["A2"].number_format = "000"

    assert rows(read(workbook(HEAD, (7, 1, 1), change=change), "a.xlsx")[0]) == [("007", "1", "1")]


def test_sheets(read, fault):
    def change(book):
        book.create_sheet("Patients").append(HEAD)
        book["Patients"].append((1, 2, 3))
        book.create_sheet("Empty")

    write = workbook(("a", "b"), ("x", "y"), change=change)
    table, _, (remark,) = read(write, "a.xlsx")
    assert table.header == ("a", "b")
    assert remark.rule == "the workbook has 2 sheets with content; 'Sheet' was read, not 'Patients'"
    table, _, remarks = read(write, "a.xlsx", sheet="Patients")
    assert (rows(table), remarks) == ([("1", "2", "3")], ())
    assert "no sheet 'patient'. Did the study file mean 'Patients'?" in str(fault(write, "a.xlsx", sheet="patient"))
    assert "Sheets: 'Sheet', 'Patients', 'Empty'." in str(fault(write, "a.xlsx", sheet="zzz"))
    assert "the sheet is empty" in str(fault(write, "a.xlsx", sheet="Empty"))
    assert "the workbook is empty" in str(fault(workbook(), "a.xlsx"))


def test_a_title_above_the_header(read, fault):
    write = workbook(("List of 2024",), HEAD, (1, 2, 3))
    assert str(fault(write, "a.xlsx")) == (
        "a.xlsx, row 1: the header row has fewer than two names. "
        "Delete the rows above the header, or give its number in the study file (header: 2)."
    )
    assert read(write, "a.xlsx", header=2)[0].rows == ((3, ("1", "2", "3")),)


def test_merged_cells(read, fault):
    def change(book):
        book.active.merge_cells("B1:C1")

    write = workbook(("Patient", "Follow-up", None), HEAD, (1, 2, 3), change=change)
    one = fault(write, "a.xlsx")
    assert (one.row, one.rule) == (1, "the cells B1:C1 are merged")
    assert read(write, "a.xlsx", header=2)[1] == ()


def test_a_formula_counts_by_its_stored_value(read):
    write = workbook(HEAD, (1, "=1+1", 0), (2, 5, 0))
    table, faults, _ = read(write, "a.xlsx")
    (flaw,) = table.flaws["os"]
    assert (faults, flaw.row, flaw.rule) == ((), 2, "the cell holds a formula without a stored value")
    stored = edited(write, SHEET, b"<f>1+1</f><v />", b"<f>1+1</f><v>2</v>")
    table, _, _ = read(stored, "a.xlsx")
    assert (rows(table), table.flaws) == ([("1", "2", "0"), ("2", "5", "0")], {})


@pytest.mark.parametrize("error", ["#N/A", "#DIV/0!", "#VALUE!"])
def test_error_cells(read, error):
    (flaw,) = read(workbook(HEAD, (1, error, 0)), "a.xlsx")[0].flaws["os"]
    assert (flaw.row, flaw.value, flaw.rule) == (2, error, "the cell holds an error of the spreadsheet")


def test_hidden_rows_are_read_and_said(read):
    def change(book):
        book.active.row_dimensions[3].hidden = True

    table, _, (remark,) = read(workbook(HEAD, (1, 2, 3), (4, 5, 6), change=change), "a.xlsx")
    assert len(table.rows) == 2
    assert (remark.rows, remark.rule) == ((3,), "hidden or filtered rows are read like the others")


def test_cells_shown_as_per_cent_are_said(read):
    def change(book):
        book.active["B2"].number_format = "0%"

    table, _, _ = read(workbook(HEAD, (1, 0.35, 3), change=change), "a.xlsx")
    assert [(note.rule, note.rows) for note in table.notes["os"]] == [
        ("the sheet shows per cent where it stores fractions: 35% is read as 0.35", (2,))
    ]


def test_a_cell_at_the_far_end_of_the_sheet(fault, read):
    def far(book):
        book.active.cell(1_048_576, 16_384, "x")

    assert "a column (right of 'dead') has no name" in str(fault(workbook(HEAD, (1, 2, 3), change=far), "a.xlsx"))

    def styled(book):
        book.active.cell(1_048_576, 16_384).font = openpyxl.styles.Font(bold=True)

    assert rows(read(workbook(HEAD, (1, 2, 3), change=styled), "a.xlsx")[0]) == [("1", "2", "3")]


def archive_of(**content):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry, text in content.items():
            archive.writestr(entry, text)
    return data.getvalue()


@pytest.mark.parametrize("suffix", ["xlsx", "zip"])
@pytest.mark.parametrize("path", ["../evil.csv", "/etc/evil", "a/../../evil", "..\\evil.csv", "C:\\evil.csv"])
def test_archives_whose_paths_leave_the_folder(fault, path, suffix):
    one = fault(archive_of(**{path: "x"}), f"a.{suffix}")
    assert one.rule == "the archive holds paths that leave the folder"


def test_archives_that_are_no_workbook(fault):
    assert "the archive holds 2 files: 'a', 'b'. Unpack it" in str(fault(archive_of(a="x", b="y"), "a.zip"))
    assert "an archive without a workbook" in str(fault(archive_of(a="x"), "a.xlsx"))
    broken = archive_of(**{"xl/workbook.xml": "x"})
    assert "the file is no Excel workbook" in str(fault(broken, "a.xlsx"))


def test_an_archive_that_unpacks_to_a_huge_size(fault):
    assert "implausible size" in str(fault(archive_of(**{"xl/big.xml": b"\0" * 30_000_000}), "a.xlsx"))


def test_entities_of_a_workbook_are_not_expanded(fault):
    evil = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><worksheet'
    write = edited(workbook(HEAD, (1, 2, 3)), SHEET, b"<worksheet", evil)
    assert "declares XML entities" in str(fault(write, "a.xlsx"))


def test_a_workbook_cut_short_or_garbled(read, tmp_path):
    workbook(HEAD, *[(i, i / 7, i % 2) for i in range(50)])(tmp_path / "whole.xlsx")
    whole = (tmp_path / "whole.xlsx").read_bytes()
    for place in range(10, len(whole), len(whole) // 25):
        table, faults, _ = read(whole[:place], "a.xlsx")
        assert (table, len(faults)) == (None, 1)
        table, faults, _ = read(whole[:place] + b"\x55\xaa" + whole[place + 2 :], "a.xlsx")
        assert (table is None) == bool(faults)


# SPSS, Stata, SAS, Parquet

FRAME = pd.DataFrame(
    {
        "id": [7.0, 8.0, 9.0],
        "sex": [1.0, 2.0, 9.0],
        "stage": ["01", "NA", ""],
        "os": [12.5, float("nan"), 3.0],
        "seen": [datetime.date(2020, 1, 5)] * 3,
    }
)
CELLS = [("7", "1", "01", "12.5", "2020-01-05"), ("8", "2", "NA", "", "2020-01-05"), ("9", "9", "", "3", "2020-01-05")]


def test_spss(read):
    def write(path):
        labels = {"sex": {1: "Male", 2: "Female", 9: "not asked"}}
        pyreadstat.write_sav(FRAME, path, variable_value_labels=labels, missing_ranges={"sex": [9], "stage": ["NA"]})

    table, faults, remarks = read(write, "a.sav")
    assert (faults, remarks, table.typed) == ((), (), True)
    assert table.header == ("id", "sex", "stage", "os", "seen")
    assert table.rows == (
        (2, CELLS[0]),
        (3, ("8", "2", "", "", "2020-01-05")),
        (4, ("9", "", "", "3", "2020-01-05")),
    )
    assert table.labels["sex"] == {"1": "Male", "2": "Female", "9": "not asked"}
    assert [(note.rule, note.rows) for note in table.notes["sex"]] == [
        ("the code '9' (not asked) is declared missing in the file", (4,))
    ]
    assert [note.rule for note in table.notes["stage"]] == ["the code 'NA' is declared missing in the file"]


def test_spss_range_of_missing_codes(read):
    def write(path):
        pyreadstat.write_sav(FRAME, path, missing_ranges={"sex": [{"lo": 2, "hi": 9}]})

    table, _, _ = read(write, "a.sav")
    assert [cells[1] for cells in rows(table)] == ["1", "", ""]
    assert sum(note.count for note in table.notes["sex"]) == 2


def test_stata(read):
    def write(path):
        frame = FRAME.assign(sex=[1, "a", 2])
        labels = {"sex": {1: "Male", 2: "Female"}}
        pyreadstat.write_dta(frame, path, variable_value_labels=labels, missing_user_values={"sex": ["a"]})

    table, faults, _ = read(write, "a.dta")
    assert faults == ()
    assert [cells[:4] for cells in rows(table)] == [
        ("7", "1", "01", "12.5"), ("8", "", "NA", ""), ("9", "2", "", "3"),
    ]  # fmt: skip
    assert table.labels["sex"] == {"1": "Male", "2": "Female"}
    assert [(note.rule, note.count) for note in table.notes["sex"]] == [
        ("the code 'a' is declared missing in the file", 1)
    ]


def test_sas(read):
    table, faults, _ = read(lambda path: pyreadstat.write_xport(FRAME, path), "a.xpt")
    assert (faults, rows(table)) == ((), CELLS)


def test_parquet(read, fault):
    columns = {
        "id": pyarrow.array([7, 8, 9_007_199_254_740_993]),
        "sex": pyarrow.array(["1", None, "None"]).dictionary_encode(),
        "os": pyarrow.array([12.5, float("nan"), 3.0]),
        "dead": pyarrow.array([True, False, None]),
        "seen": pyarrow.array([datetime.datetime(2020, 1, 5, 3), None, None]),
    }
    table, faults, _ = read(lambda path: parquet.write_table(pyarrow.table(columns), path), "a.parquet")
    assert faults == ()
    assert table.rows == (
        (2, ("7", "1", "12.5", "TRUE", "2020-01-05 03:00:00")),
        (3, ("8", "", "", "FALSE", "")),
        (4, ("9007199254740993", "None", "3", "", "")),
    )
    nested = pyarrow.table({"id": [1], "list": [[1, 2]]})
    one = fault(lambda path: parquet.write_table(nested, path), "a.parquet")
    assert (one.column, one.rule) == ("list", "the column holds lists or records")


@pytest.mark.parametrize("name", ["a.sav", "a.dta", "a.xpt", "a.parquet"])
def test_typed_files_cut_short_or_garbled(read, tmp_path, name):
    frame = pd.DataFrame({"id": range(40), "os": [i / 7 for i in range(40)], "stage": ["a", "b"] * 20})
    writers = {
        "a.sav": pyreadstat.write_sav, "a.dta": pyreadstat.write_dta, "a.xpt": pyreadstat.write_xport,
        "a.parquet": lambda frame, path: frame.to_parquet(path),
    }  # fmt: skip
    writers[name](frame, tmp_path / "whole")
    whole = (tmp_path / "whole").read_bytes()
    for place in range(0, len(whole), len(whole) // 25):
        for content in (whole[:place], whole[:place] + b"\x55\xaa" + whole[place + 2 :]):
            table, faults, _ = read(content, name)
            assert (table is None) == bool(faults)


def test_a_format_may_be_named(read):
    table, faults, _ = read(workbook(HEAD, (1, 2, 3)), "export.dat", format="xlsx")
    assert (faults, rows(table)) == ((), [("1", "2", "3")])


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1e300, "1e+300"),
        (float("inf"), "inf"),
        (-0.0, "0"),
        (12, "12"),
        (b" x ", "x"),
        (datetime.time(3, 4), "03:04:00"),
        (datetime.timedelta(hours=3), "3:00:00"),
        (datetime.datetime(2020, 1, 5, 3), "2020-01-05 03:00:00"),
    ],
)
def test_cell_text(value, text):
    assert cell_text(value) == text


def test_a_workbook_with_a_reference_to_a_drawing_that_is_not_there(read):
    """R's openxlsx writes such workbooks, and spreadsheet programs open them."""
    link = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/drawing" Target="../drawings/drawing1.xml"/>'
        "</Relationships>"
    )

    def write(path):
        workbook(HEAD, (1, 2, 3))(path)
        with zipfile.ZipFile(path, "a") as archive:
            archive.writestr("xl/worksheets/_rels/sheet1.xml.rels", link)

    assert rows(read(write, "a.xlsx")[0]) == [("1", "2", "3")]


# Columns


def test_a_column_keeps_each_text_once_in_order_of_appearance():
    cells = Cells.coded([2, 0, 3, 0, 1], ["b", "x", "a", "a"])
    assert (cells.texts, cells.codes.tolist()) == (("a", "b", "x"), [0, 1, 0, 1, 2])
    assert cells.counts.tolist() == [2, 2, 1]
    assert cells == Cells.of(["a", "b", "a", "b", "x"])
    assert cells != Cells.of(["a", "b", "a", "b", "a"])
    assert list(cells.take(np.array([False, True, False, True, True]))) == ["b", "b", "x"]
    assert cells.at([1]).tolist() == [False, True, False, True, False]


def test_rows_and_columns_of_a_table_tell_the_same():
    table = Table.of_rows("a.csv", ("id", "os"), [(2, ("1", "3")), (5, ("2", "3"))])
    assert table.column("os") == [(2, "3"), (5, "3")]
    assert table.rows == ((2, ("1", "3")), (5, ("2", "3")))
    assert table.take([1]).rows == ((5, ("2", "3")),)
    assert table.same_cells(table.take([0, 1]))
    assert not table.same_cells(table.take([1, 0]))
    assert Table.of_rows("a.csv", ("id", "os"), []).rows == ()


def test_a_text_longer_than_what_is_read_at_once(read, monkeypatch):
    monkeypatch.setattr(text, "_ROWS_AT_ONCE", 2)
    table, _, remarks = read('id,os\n1, 5\n\n2,5 \n3,"6\n7"\n,\n4,8\n')
    assert table.rows == ((2, ("1", "5")), (4, ("2", "5")), (5, ("3", "6\n7")), (7, ("4", "8")))
    assert [(one.row, one.column) for one in remarks] == [(5, "os")]
    _, faults, _ = read("id,os\n1,5\n2\n3,6\n,,\n4,5,6\n")
    assert [fault.row for fault in faults] == [3, 6]


def test_kinds_of_parquet_columns(read):
    columns = {
        "id": pyarrow.chunked_array([["b", None], ["b"]]),
        "level": pyarrow.chunked_array([["x", "y"], ["y"]]).dictionary_encode(),
        "yes": [True, None, False],
        "half": pyarrow.array([0.5, -0.0, 0.0], pyarrow.float16()),
        "none": pyarrow.nulls(3),
        "day": [datetime.date(2020, 1, 5), None, datetime.date(2020, 1, 5)],
    }
    table, faults, _ = read(lambda path: parquet.write_table(pyarrow.table(columns), path), "a.parquet")
    assert faults == ()
    assert rows(table) == [
        ("b", "x", "TRUE", "0.5", "", "2020-01-05"),
        ("", "y", "", "0", "", ""),
        ("b", "y", "FALSE", "0", "", "2020-01-05"),
    ]


@pytest.mark.parametrize(
    "content",
    [
        "id,os,note\n007, 1.5,NA\n8,,\u2028 sch\u00f6n\n007,1.5 ,'x'\n",
        "id;os;note\r\n1;2;\r\n2;;3\r\n",
        "id,os,note\r1,2,3\r\r4,5,6\r",
        "id,os,note\n1,2,3\n\n,,\n4,5,6\n\n",
        "id,os,note\n,,\n1,2,3",
        "# a\n# b\nid,os,note\n1,2,3\n",
        "id,os,note\n1,2\n3,4,5\n",
        "id,os,note\n1,2,3,4\n3,4,5\n",
        'id,os,note\n1,"2\n",3\n',
        "id,os,note\n",
        "id\tos\tnote\n1\t 2\t3\n",
        "id,os\n1,2,3\n4,5,6\n",
    ],
)
def test_a_large_text_is_read_as_a_small_one(read, monkeypatch, content):
    small = read(content)
    monkeypatch.setattr(plain_text, "LARGE", 0)
    large = read(content)
    assert small[1:] == large[1:]
    assert (small[0] is None) == (large[0] is None)
    assert small[0] is None or small[0].same_cells(large[0])


def test_a_text_of_several_blocks(read, monkeypatch):
    content = "id,os,group\n" + "".join(f"{n}, {n % 7},{'ab'[n // 60_000]}\n" for n in range(120_000))
    monkeypatch.setattr(plain_text, "LARGE", 2_000_000)
    small = read(content)[0]
    monkeypatch.setattr(plain_text, "LARGE", 0)
    large = read(content)[0]
    assert large.same_cells(small)
    assert large.cells[1].texts == tuple("0123456")
    assert large.cells[2].counts.tolist() == [60_000, 60_000]
