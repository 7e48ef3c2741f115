"""The course: an engine for exercises, the classroom, the lessons."""
