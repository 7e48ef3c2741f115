"""The cells of one column: each distinct text once, and which of them stands in which row."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd


@dataclass(frozen=True, eq=False)
class Cells:
    """The cells of a column, as text.

    A table of a million rows has few distinct texts in most of its columns, so what is judged by its text is judged
    once.

    Attributes
    ----------
    texts : tuple of str
        The distinct texts in the order of their first appearance.
    codes : array of int32
        Place in ``texts`` of each row's cell.

    Examples
    --------
    >>> cells = Cells.of(["a", "b", "a"])
    >>> cells.texts, cells.codes.tolist(), list(cells)
    (('a', 'b'), [0, 1, 0], ['a', 'b', 'a'])
    """

    texts: tuple[str, ...]
    codes: np.ndarray

    @classmethod
    def of(cls, texts) -> Cells:
        """The cells with these texts."""
        gathered = Gatherer()
        gathered.add(texts)
        return gathered.cells()

    @classmethod
    def coded(cls, codes, texts) -> Cells:
        """The cells ``texts[codes]``; texts that are equal, and such as stand nowhere, may be among them."""
        codes = np.asarray(codes)
        used = pd.unique(codes)
        chosen = [texts[code] for code in used.tolist()]
        place = np.zeros(len(texts), dtype=np.int32)
        place[used] = np.arange(len(used))
        if len(set(chosen)) < len(chosen):
            distinct = {text: place for place, text in enumerate(dict.fromkeys(chosen))}
            place[used] = [distinct[text] for text in chosen]
            chosen = distinct
        return cls(tuple(chosen), place[codes])

    def __len__(self):
        return len(self.codes)

    def __iter__(self):
        return iter(self._objects[self.codes])

    def __eq__(self, other):
        if not isinstance(other, Cells):
            return NotImplemented
        return self.texts == other.texts and np.array_equal(self.codes, other.codes)

    @cached_property
    def _objects(self):
        return self.spread(self.texts)

    def spread(self, values):
        """An array of objects, one for each distinct text; ``[codes]`` of it are the values of the rows."""
        result = np.empty(len(self.texts), dtype=object)
        result[:] = values
        return result

    def at(self, codes) -> np.ndarray:
        """Whether each cell is one of the texts with these places (array of bool)."""
        chosen = np.zeros(len(self.texts), dtype=bool)
        chosen[list(codes)] = True
        return chosen[self.codes]

    @cached_property
    def counts(self) -> np.ndarray:
        """How often each text stands in the column."""
        return np.bincount(self.codes, minlength=len(self.texts))

    def take(self, keep) -> Cells:
        """The cells of some rows, named by an array of truth values or of places."""
        return Cells.coded(self.codes[keep], self.texts)


class Gatherer(dict):
    """Collects the cells of one column part by part, without white space around them.

    It maps a cell as it is written to the place of its text.
    """

    def __init__(self):
        super().__init__()
        self._texts, self._parts = [], []

    def __missing__(self, written):
        text = written.strip()
        if text == written:
            code = len(self._texts)
            self._texts.append(text)
        else:
            code = self[text]
        self[written] = code
        return code

    def add(self, written):
        """Further cells of the column, from above down."""
        self._parts.append(np.fromiter(map(self.__getitem__, written), np.int32, len(written)))

    def cells(self) -> Cells:
        """All cells so far."""
        codes = np.concatenate(self._parts) if self._parts else np.zeros(0, dtype=np.int32)
        return Cells(tuple(self._texts), codes)
