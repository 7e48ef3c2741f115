"""Writes the old Excel workbook of tests/test_formats.py (needs xlwt): python tests/formats/make_xls.py tests/formats/cohort.xls"""

import datetime
import sys

import xlwt

book = xlwt.Workbook()
sheet = book.add_sheet("Patients")
book.add_sheet("Notes").write(0, 0, "a note")
day = xlwt.easyxf(num_format_str="YYYY-MM-DD")
for place, name in enumerate(["id", "months", "dead", "start", "treated", "größe"]):
    sheet.write(0, place, name)
for row in (1, 2, 3):
    for place, value in enumerate((f"P{row}", row * 1.5, row % 2)):
        sheet.write(row, place, value)
    sheet.write(row, 3, datetime.date(2020, 1, row), day)
    sheet.write(row, 4, row > 1)
    sheet.write(row, 5, "é")
book.save(sys.argv[1])
