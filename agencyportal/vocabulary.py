"""The sentences of what is done at the roof's own desks."""

SENTENCES = {"job.run_again": "{by} had a failed job run again: {job}. {said}"}
