"""GraphPad Prism's survival table, by its form: a time, then columns of 0 and 1 of which each row fills one."""

from __future__ import annotations

from aice_helpers.data.columns import number_in
from aice_helpers.data.shapes.prism import GROUP
from aice_helpers.draft import vocabulary
from aice_helpers.draft.endpoints import DraftedEndpoint
from aice_helpers.draft.shapes.recognition import Reading, Recognized
from aice_helpers.draft.timing import EventCodes
from aice_helpers.study.model import DataFile


def recognize_prism(table, path, _folder):
    """Prism's layout: at least two groups, every row in exactly one of them."""
    if len(table.header) < 3 or table.n < 3:
        return None
    time, *groups = table.header
    if any(number_in(text, ".") is None for text in table.cells_of(time).texts):
        return None
    codes = [list(table.cells_of(name)) for name in groups]
    filled = [[cell for cell in row if cell] for row in zip(*codes, strict=True)]
    if any(len(row) != 1 or number_in(row[0], ".") not in (0, 1) for row in filled) or not all(map(any, codes)):
        return None
    settings = {"shape": ("prism", "a time, and a column of 0 and 1 for each group")}
    found = f"GraphPad Prism's survival table: groups {', '.join(map(repr, groups))}"
    return Recognized(DataFile(str(path), shape="prism"), settings, (found,))


def read_prism(columns):
    """The one endpoint, whose name no header says, and the groups."""
    row, time, event, _ = columns
    label, meant = vocabulary.ENDPOINTS["OS"][:2]
    codes = EventCodes("1", "0", "1 is the event in Prism", True, ("0", "1"))
    one = DraftedEndpoint("OS", label, meant, time, event, codes, "the time of Prism's table", is_named=False)
    return Reading((one,), row, frozenset({GROUP}))
