"""Sentences on endpoints whose patients are observed late, or whose event something else can rule out."""

from aice_helpers.show import formats
from aice_helpers.show.sentences import Blocks, bullets, sentence

FEW = 10
"""Patients at risk below which one event moves the curve by a tenth or more."""


def observation_words(analysis) -> Blocks:
    """What a competing event and a delayed entry make of the curves of this study.

    Parameters
    ----------
    analysis : Analysis

    Returns
    -------
    Blocks
        One item for each endpoint that has either; a sentence where none has.
    """
    said = []
    for name in analysis.study.endpoints:
        said += _competing(analysis.study.endpoints[name])
        if analysis.cohort.outcome(name).entry is not None:
            said.append(_entered(analysis, name))
    if not said:
        return sentence("No endpoint of this study has a competing event, and everyone is observed from time zero on.")
    return bullets(said)


def _competing(endpoint):
    if not endpoint.competing:
        return []
    ends = formats.listing(endpoint.competing)
    return [
        f"{endpoint.label}: {ends} rule{'' if len(endpoint.competing) > 1 else 's'} the event out (competing). The curve counts it as "
        "censored: this is the cause-specific Kaplan-Meier estimate. One minus it is the share who would have the event if "
        f"nothing else could happen, and never less than the share who do have it ({endpoint.event_label})."
    ]


def _entered(analysis, name):
    """From when on patients count, and where few of them carry the curve."""
    curve = analysis.table("survival_curve")
    curve = curve[curve["endpoint"] == name]
    unit, label = analysis.study.time_unit, analysis.study.label(name)
    said = (
        f"{label}: a patient counts as at risk from the entry on, not from time zero (delayed entry), so the number at risk "
        "may rise before it falls. Whoever had the event before entering could not enter and is not counted."
    )
    rising = curve[curve["time"] <= curve.loc[curve["at_risk"].idxmax(), "time"]]
    few = rising[(rising["events"] > 0) & (rising["at_risk"] < FEW)]
    if len(few):
        least = int(few["at_risk"].min())
        said += (
            f" Early on few are at risk: {formats.counted(few['events'].sum(), 'event')} up to "
            f"{formats.duration(few['time'].max(), unit)} while fewer than {FEW} were (as few as {least}), and whatever follows "
            "in the curve is multiplied by those steps."
        )
    gone = curve[(curve["estimate"] == 0) & (curve["time"] < curve["time"].max())]
    if len(gone):
        said += (
            f" The curve is down to 0 at {formats.duration(gone['time'].iloc[0], unit)}, where everyone then at risk had the event; "
            "it says nothing of those who entered later."
        )
    return said + (
        " What cannot use the entry is not given: SPSS's interval of the median, crude proportions and the concordance."
    )
