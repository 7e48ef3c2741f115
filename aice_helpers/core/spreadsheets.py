"""Tables for spreadsheet programs."""


def spreadsheet_safe(table):
    """A table none of whose text cells a spreadsheet takes for a formula: a leading apostrophe before = + - @.

    >>> import pandas as pd
    >>> spreadsheet_safe(pd.DataFrame({"a": ["=1+1", "b"]}))["a"].tolist()
    ["'=1+1", 'b']
    """
    text = table.select_dtypes(include="object").columns
    return table.assign(**{c: table[c].str.replace(r"^(?=[=+\-@\t\r])", "'", regex=True) for c in text})
