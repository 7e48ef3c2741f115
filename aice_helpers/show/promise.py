"""Who may see a book, in words."""


def promise(analysis) -> str:
    """Who may see the book of an `Analysis`, as sentences; "" where no patient stands behind the data.

    Parameters
    ----------
    analysis : Analysis

    Returns
    -------
    str
    """
    study = analysis.study
    if analysis.mask_below:
        return (
            f"Masked: may be shared. Counts of fewer than {analysis.mask_below} patients are masked, and so is what would link "
            "two facts of one patient."
        )
    if study.synthetic:
        return ""
    if study.public:
        return "Not masked: the patients' records are published already, as the study file declares."
    return "Not masked: for the clinic's own use. Whoever has these files can learn about single patients."
