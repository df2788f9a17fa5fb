"""The jobs' desk: what waits, runs, failed and is done, and the timetable."""
