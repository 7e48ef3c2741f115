"""An entry of an abstract as it is printed: its label and its numbers."""

from aice_helpers.study.abstract import NOT_REACHED, Comparison, Group, Median, Proportion, Rate, Ratio


def quote(entry, numbers) -> str:
    """Label and numbers of an entry.

    >>> from aice_helpers.study.abstract import Numbers
    >>> quote(Proportion("dcr", role="DCR", percent="76.1", low="67.1", high="83.6"), Numbers())
    'DCR 76.1% (95% CI 67.1 to 83.6)'
    """
    label = getattr(entry, "label", "") or _own_label(entry)
    return " ".join(filter(None, (label, _NUMBERS[type(entry)](entry, numbers), _limits(entry, numbers)))).strip()


def _own_label(entry):
    if isinstance(entry, Comparison):
        return ""
    own = getattr(entry, "role", "") or getattr(entry, "kind", "")
    if isinstance(entry, Median) and entry.endpoint:
        own = f"median {entry.endpoint}"
    if isinstance(entry, Rate):
        own = f"{entry.endpoint} at {entry.time} {entry.unit}"
    return own or entry.name


def _limits(entry, numbers):
    if not getattr(entry, "low", ""):
        return ""
    kind = (
        f"{entry.level or numbers.level}% CI"
        if getattr(entry, "interval", "confidence") == "confidence"
        else entry.interval
    )
    p = f", P {_p(entry.p)}" if getattr(entry, "p", "") else ""
    return f"({kind} {entry.low} to {entry.high}{p})"


def _p(text):
    return f"{text[0]} {text[1:].strip()}" if text[0] in "<>" else f"= {text}"


def _proportion(entry, _):
    count = f"{entry.count}/{entry.out_of}" if entry.count and entry.out_of else entry.count
    percent = f"{entry.percent}%" if entry.percent else ""
    return f"{count} ({percent})" if count and percent else count or percent


def _median(entry, _):
    return entry.estimate if entry.estimate == NOT_REACHED else f"{entry.estimate} {entry.unit}"


def _ratio(entry, _):
    return entry.estimate if entry.low or not entry.p else f"{entry.estimate}, P {_p(entry.p)}"


def _comparison(entry, numbers):
    pair = " against ".join(quote(numbers.proportions[name], numbers) for name in entry.between)
    return f"{pair}, P {_p(entry.p)}"


_NUMBERS = {
    Group: lambda entry, _: f"{entry.n} {entry.unit}",
    Proportion: _proportion,
    Median: _median,
    Rate: lambda entry, _: f"{entry.percent}%",
    Ratio: _ratio,
    Comparison: _comparison,
}
