# SPDX-License-Identifier: GPL-2.0-only
"""Interrupts that devices of the dead kernel still send.

Before the panic all device interrupts are bound to CPU 1. The capture kernel
runs on CPU 0 alone and sends nothing to CPU 1. QEMU's trace of the local APICs
("apic_deliver_irq": interrupts from devices, not between CPUs) then tells them
apart by their destination.
"""

import re

DEAD_CPU = 1
DELIVERY = re.compile(r"apic_deliver_irq dest (\d+) dest_mode (\d+) delivery_mode \d+ vector (\d+)")


def to_dead_cpu(line):
    """The vector if the line of the trace is an interrupt for the dead CPU, else None."""
    match = DELIVERY.search(line)
    if not match:
        return None
    destination, logical, vector = map(int, match.groups())
    hit = destination & (1 << DEAD_CPU) if logical else destination == DEAD_CPU
    return vector if hit else None


def count(trace_file, offset):
    """Interrupts for the dead CPU in the trace from the offset on: {vector: how many}."""
    vectors = {}
    with open(trace_file, encoding="utf-8", errors="replace") as f:
        f.seek(offset)
        for line in f:
            vector = to_dead_cpu(line)
            if vector is not None:
                vectors[vector] = vectors.get(vector, 0) + 1
    return vectors
