"""Multiple-choice questions with feedback, on the page and without a script: each choice opens its own comment."""

import html
from dataclasses import dataclass

from aice_helpers.course.engine.markup import inline_html, inline_text


@dataclass(frozen=True)
class Option:
    """One choice: its text, whether it is right, and the comment that opens when it is chosen."""

    text: str
    right: bool
    comment: str


@dataclass(frozen=True)
class Question:
    """A question with its options, exactly one of which is right; texts as in `markup.written`, without fields."""

    key: str
    text: str
    options: tuple[Option, ...]


@dataclass(frozen=True)
class Quiz:
    """The questions of one lesson as they stand on the page."""

    questions: tuple[Question, ...]

    def __repr__(self) -> str:
        lines = []
        for number, question in enumerate(self.questions, 1):
            lines.append(f"{number}. {inline_text(question.text)}")
            for letter, option in zip("abcdef", question.options, strict=False):
                word = "right" if option.right else "no"
                lines.append(f"   {letter}) {inline_text(option.text)} [{word}: {inline_text(option.comment)}]")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        return "".join(_question_html(number, question) for number, question in enumerate(self.questions, 1))


def _question_html(number, question):
    options = "".join(
        f'<details name="{html.escape(question.key)}" class="aice-{"right" if option.right else "wrong"}">'
        f"<summary>{inline_html(option.text)}</summary>"
        f"<p><strong>{'Right.' if option.right else 'No.'}</strong> {inline_html(option.comment)}</p></details>"
        for option in question.options
    )
    return (
        f'<section class="aice-question" aria-label="Question {number}"><p><strong>Question {number}.</strong> '
        f"{inline_html(question.text)}</p>{options}</section>"
    )
