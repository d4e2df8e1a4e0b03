# SPDX-License-Identifier: GPL-2.0-only
"""What a case is."""

import dataclasses


@dataclasses.dataclass
class Case:
    name: str
    setup: dict  # arguments of kpt.setup.Setup
    expect: list  # checks, see kpt/expect.py
    parameters: str | None = ""  # ours; None: the module not loaded by the runner, built in: policy=off
    only: str = ""  # "module" or "intree": makes sense there only
    until: str = ""  # a version: newer kernels do otherwise
    since: str = ""  # a version: older kernels do otherwise
    build: str = ""  # "inject": our module in the build whose config accessor can misbehave
