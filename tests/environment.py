"""A pytest plugin that sets the suite's environment before Django reads its settings.

pyproject.toml loads it with `-p`, earlier than any conftest, so the developer's `.env`
and exported variables never reach a test. Run the suite as `python -m pytest`.
"""

from __future__ import annotations

import os

from tests.variables import suite_variables

os.environ.update(suite_variables())
