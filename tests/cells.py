"""A notebook's cells, executed in this process as the book prepares them."""

import ast

import nbformat

from aice_helpers.analysis import open_analysis
from aice_helpers.build import execution, pages
from aice_helpers.build.offers import requirements_met


def run_cells(page, study, *, mask_below=0):
    """Run a notebook's code cells in one namespace; return what each shows, as pairs of source and value."""
    offers = requirements_met(open_analysis(study, mask_below=mask_below))
    notebook = nbformat.read(pages.ROOT / page, as_version=4)
    space, shown = {}, []
    for cell in execution.prepared(notebook, offers).cells:
        if cell.cell_type != "code":
            continue
        body = ast.parse(cell.source).body
        last = body.pop() if body and isinstance(body[-1], ast.Expr) else None
        exec(compile(ast.Module(body, []), str(page), "exec"), space)
        if "parameters" in cell.metadata.get("tags", []):
            space |= {"study": str(study), "mask_below": mask_below}
        if last is not None:
            value = eval(compile(ast.Expression(last.value), str(page), "eval"), space)
            if value is not None:
                shown.append((cell.source, value))
    return shown
