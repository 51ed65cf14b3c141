"""Worksheets: one step of a small network to compute by hand, another for each student, and the answers marked.

`settings` and `levels` say what is asked; `drawn_numbers` draws an `instance`; a `sheet` has its questions and answers;
`student_page` and `solutions_page` are what is printed; `folder` writes and reads all of it. `answers` reads what came
back, `marking` marks it with the hand check on the student's own numbers, and `marks` sums it up.
"""

from chainrule.glassbox.worksheets.difficulty import Difficulty, measured_difficulty
from chainrule.glassbox.worksheets.folder import read_worksheets
from chainrule.glassbox.worksheets.grading import grade
from chainrule.glassbox.worksheets.marking import MarkedAnswer, StudentMarks
from chainrule.glassbox.worksheets.marks import Marks
from chainrule.glassbox.worksheets.sheet import Question, Sheet
from chainrule.glassbox.worksheets.worksheets import Worksheets, worksheet

__all__ = [
    "Difficulty",
    "MarkedAnswer",
    "Marks",
    "Question",
    "Sheet",
    "StudentMarks",
    "Worksheets",
    "grade",
    "measured_difficulty",
    "read_worksheets",
    "worksheet",
]
