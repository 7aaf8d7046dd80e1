"""Figures as a table that is read in a terminal."""

UNITS = (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6), ("ns", 1e-9))


def duration(seconds):
    """With three digits: `41.2 ns`."""
    unit, size = next((one for one in UNITS if seconds >= one[1]), UNITS[-1])
    return f"{significant(seconds / size)} {unit}"


def ratio(seconds, base):
    return f"{significant(seconds / base)}x"


def significant(number):
    """Three digits, at least those before the point."""
    whole = len(str(int(number)))
    return f"{round(number, 3 - whole):,.{max(0, 3 - whole)}f}"


def text(heads, rows):
    """`rows` aligned under `heads`, the first column to the left."""
    widths = [max(map(len, column)) for column in zip(heads, *rows)]
    lines = []
    for row in (heads, *rows):
        cells = [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:]))]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)
