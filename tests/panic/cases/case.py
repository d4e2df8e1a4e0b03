# SPDX-License-Identifier: GPL-2.0-only
"""What a case is."""

import dataclasses


@dataclasses.dataclass
class Case:
    name: str
    setup: dict  # arguments of kpt.setup.Setup
    expect: list  # checks, see kpt/expect.py
    parameters: str | None = ""  # of our module; None: not loaded by the runner
