# SPDX-License-Identifier: GPL-2.0-only
"""kpt, the kdump panic test: real kernels that really panic, in QEMU.

machine.py   one QEMU: serial console, monitor, guest RAM as a file
images.py    the initramfs of the first and of the capture kernel
loads.py     devices that keep writing memory when their kernel is dead
endpoint.py  a PCI Express endpoint of our own, with modes of not obeying
dumpdevice.py  what the dump is written to
ram.py       which lines of guest RAM changed, and which load wrote them
irq.py       interrupts that reach the CPU of the dead kernel
setup.py     what one run is made of
kdump.py     one run: boot, load, panic, capture, dump, result
"""
