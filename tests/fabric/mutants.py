# SPDX-License-Identifier: GPL-2.0-only
"""Small mistakes in the engine and the snapshot, each of which the tests must notice.

(file, what is there, what is there instead). The first text must be there exactly
once. SURVIVES has those that no test can notice, with the reason.
"""

QUIESCE, ERRORS, RESET, RESTORE, CONTAIN, RECORD, IMAGE, RAW, PLAN, SNAPSHOT = (
    f"kernel/kexec_pci_{name}.c"
    for name in ("quiesce", "errors", "reset", "restore", "contain", "record", "image", "raw", "plan", "snapshot")
)

MUTANTS = [
    # A step is dropped, or steps change places.
    (QUIESCE, "\tkexec_quiesce_mask_errors(run);", ""),
    (QUIESCE, "\tstop_masters(run);", ""),
    (QUIESCE, "\tdrain(run);", ""),
    (QUIESCE, "\t\tkexec_quiesce_reset_links(run, policy);", "\t\t;"),
    (QUIESCE, "\t\tkexec_quiesce_contain(run);", ""),
    (QUIESCE, "\t\tkexec_quiesce_bring_back(run);\n\t\tkexec_quiesce_contain(run);", "\t\tkexec_quiesce_contain(run);\n\t\tkexec_quiesce_bring_back(run);"),
    (QUIESCE, "\tkexec_quiesce_release_links(run);\n\tkexec_quiesce_bring_back(run);", "\tkexec_quiesce_bring_back(run);"),
    # The gate.
    (QUIESCE, "(command & ~PCI_COMMAND_MASTER) | PCI_COMMAND_INTX_DISABLE", "command | PCI_COMMAND_INTX_DISABLE"),
    (QUIESCE, "(command & ~PCI_COMMAND_MASTER) | PCI_COMMAND_INTX_DISABLE", "command & ~PCI_COMMAND_MASTER"),
    (QUIESCE, "(command & ~PCI_COMMAND_MASTER) | PCI_COMMAND_INTX_DISABLE", "PCI_COMMAND_INTX_DISABLE"),
    (QUIESCE, "if (command & PCI_COMMAND_MASTER || intx)", "if (command & PCI_COMMAND_MASTER)"),
    (QUIESCE, "\telse if (after & PCI_COMMAND_MASTER)\n\t\ttell(entry, KEXEC_QUIESCE_REFUSED, KEXEC_QUIESCE_BY_BME);", ""),
    (QUIESCE, "if (func->flags & KEXEC_QUIESCE_F_EXCLUDE_USER)\n\t\ttell", "if (0)\n\t\ttell"),
    (QUIESCE, "else if (func->flags & KEXEC_QUIESCE_F_EXCLUDE_CLASS)\n\t\ttell", "else if (0)\n\t\ttell"),
    (QUIESCE, "if (!(status & PCI_EXP_DEVSTA_TRPND)) {", "if (1) {"),
    (QUIESCE, "if (policy >= KEXEC_QUIESCE_NR_POLICIES)", "if (0)"),
    (QUIESCE, "run->tsc_khz < MIN_TSC_KHZ || ", ""),
    # Errors.
    (ERRORS, "value & ~controls[which].clear);", "value);"),
    (ERRORS, "\tvalue &= ~never_written(func, which);", ""),
    (ERRORS, "\t\tgive_back(run, i);", ""),
    (ERRORS, "|| gone(&run->work[i])", ""),
    (ERRORS, "BRIDGE_CONTROL_RW1C | PCI_BRIDGE_CTL_BUS_RESET", "PCI_BRIDGE_CTL_BUS_RESET"),
    (ERRORS, "PCI_EXP_SLTCTL_HPIE, 0, 0, &before);", "0, 0, 0, &before);"),
    # Which links.
    (RESET, "\t\tif (is_covered(run, i)) {\n\t\t\twork->state &= ~(STATE_LINK | STATE_FLR);", "\t\tif (is_covered(run, i)) {"),
    (RESET, "if (work->state & STATE_COVERED && !is_covered(run, i)) {", "if (0) {"),
    (RESET, "\tif (!run->saved) {\n\t\t/* Not even", "\tif (0) {\n\t\t/* Not even"),
    (RESET, "forbid_all(run, kexec_quiesce_late(run, run->work_until) ?", "forbid_all(run, 0 ?"),
    (RESET, "needed = (u64)(run->settle_ms + SPARE_MS)", "needed = (u64)(0)"),
    (RESET, "nr * RESTORE_ACCESSES * run->access_ticks;", "0;"),
    (RESET, "\t\tms += wait;", ""),
    (RESET, "entry->reason == KEXEC_QUIESCE_BY_PENDING ||\n\t       entry->reason == KEXEC_QUIESCE_BY_VANISHING;", "entry->reason == KEXEC_QUIESCE_BY_VANISHING;"),
    (RESET, "run->funcs[i].flags & KEXEC_QUIESCE_F_VF)\n\t\tparent = parent_of(run, parent);", "0)\n\t\tparent = parent_of(run, parent);"),
    # The reset and what it takes.
    (RESET, "work->reset_control |\n\t\t\t\t   PCI_BRIDGE_CTL_BUS_RESET) &&", "work->reset_control) &&"),
    (RESET, "PCI_BRIDGE_CTL_BUS_RESET) &&\n\t       may_be_asserted", "PCI_BRIDGE_CTL_BUS_RESET),\n\t       may_be_asserted"),
    (RESET, "\tif (kexec_quiesce_write(run, func, reg, 2,\n\t\t\t\tcontrol | PCI_EXP_DEVCTL_BCR_FLR))\n\t\treturn true;", "\tkexec_quiesce_write(run, func, reg, 2, control | PCI_EXP_DEVCTL_BCR_FLR);\n\treturn true;"),
    (RESET, "\t\t\trelease_link(run, i);", "\t\t\t;"),
    (RESET, "#define ASSERT_US\t\t2000", "#define ASSERT_US\t\t200"),
    (RESET, "control & ~DPC_TRIGGERS);", "control);"),
    (RESET, "\tevents &= ~work->sltsta;", ""),
    (RESET, "\tevents &= ~work->dpc_status;", ""),
    (RESET, "STATE_BACK | STATE_DPC)))", "STATE_BACK)))"),
    (RESET, "if (state & (STATE_RELEASED | STATE_BACK))\n\t\t\tclear", "if (1)\n\t\t\tclear"),
    (RESET, "port->dpc_cap + PCI_EXP_DPC_CTL, 2,\n\t\t\t    work->dpc_ctl);", "port->dpc_cap + PCI_EXP_DPC_CTL, 2,\n\t\t\t    0);"),
    (RESET, "if (!is_ready(run, i))\n\t\treturn false;", ""),
    (RESET, "\t\tif (link_is_down(run, port))\n\t\t\treturn false;\n", ""),
    (RESET, "\t\tbegin_below(run, i);", ""),
    (RESET, "if (kexec_quiesce_read(run, func, PCI_VENDOR_ID, 4) !=\n\t\t    run->saved[i].header[0])", "if (kexec_quiesce_read(run, func, PCI_VENDOR_ID, 4) == ~0U)"),
    (RESET, "\tfinish_ports(run);", ""),
    (RESET, "\tjudge_all(run);", ""),
    (RESET, "\trestore_ports(run);\n\tleft", "\tleft"),
    (RESET, "\telse if (still_pending(run, i))\n\t\ttell(entry, KEXEC_QUIESCE_REFUSED, KEXEC_QUIESCE_BY_PENDING);", ""),
    (RESET, "\tif (!(state & STATE_BACK))\n\t\ttell", "\tif (0)\n\t\ttell"),
    (RESET, "return now != PCI_COMMAND_MASTER || !lost_addresses(run, i);", "return true;"),
    (RESET, "return now != PCI_COMMAND_MASTER || !lost_addresses(run, i);", "return gated != PCI_COMMAND_MASTER;"),
    (RESET, "if (was_not_reset(run, i)) {", "if (0) {"),
    (RESET, "gated == ALL_ONES_16 ? !now || now == ALL_ONES_16 : now != gated", "now != gated"),
    (RESET, "gated == ALL_ONES_16 ? !now || now == ALL_ONES_16 : now != gated", "gated == ALL_ONES_16 ? now == ALL_ONES_16 : now != gated"),
    # What is restored.
    (RESTORE, "\trestore_dwords(run, i, PCI_BASE_ADDRESS_0 / 4, PCI_BASE_ADDRESS_5 / 4);", ""),
    (RESTORE, "\trestore_dwords(run, i, PCI_PRIMARY_BUS / 4, PCI_PRIMARY_BUS / 4);", ""),
    (RESTORE, "\trestore_dwords(run, i, DWORD_IO_BASE + 1, PCI_IO_BASE_UPPER16 / 4);", ""),
    (RESTORE, "\tkexec_quiesce_write(run, func, PCI_IO_BASE, 2, header[DWORD_IO_BASE]);", "\tkexec_quiesce_write(run, func, PCI_IO_BASE, 4, header[DWORD_IO_BASE]);"),
    (RESTORE, "\tkexec_quiesce_write(run, func, cap + PCI_EXP_DEVCTL, 2, devctl);", ""),
    (RESTORE, "\tcommand &= ~PCI_COMMAND_MASTER;", ""),
    (RESTORE, "saved->lnkctl & ~PCI_EXP_LNKCTL_RL", "saved->lnkctl"),
    (RESTORE, "\t\trestore_pcie(run, i);", "\t\t;"),
    (RESTORE, "\tcontrol &= ~(PCI_BRIDGE_CTL_BUS_RESET | BRIDGE_CONTROL_RW1C);", ""),
    # Containment.
    (CONTAIN, "PCI_COMMAND_MASTER, 0, 0,", "0, 0, 0,"),
    (CONTAIN, "\twork->written = 0;", ""),
    (CONTAIN, "if (after == ALL_ONES_16 || after & PCI_COMMAND_MASTER)\n\t\treturn false;", ""),
    (CONTAIN, "port->flags & (KEXEC_QUIESCE_F_EXCLUDE_USER |\n\t\t\t   KEXEC_QUIESCE_F_GATED_ABOVE)", "0"),
    # What is told.
    (RECORD, "record->quiet + contained != record->total", "0"),
    (RECORD, "run->incomplete ||", ""),
    (RECORD, "record->incomplete = run->incomplete;", ""),
    (RECORD, "record->source == KEXEC_QUIESCE_FROM_RAW", "0"),
    (RECORD, "entry->outcome == KEXEC_QUIESCE_WAS_RESET;", "0;"),
    (RECORD, "verdict == KEXEC_QUIESCE_CLEAN && contained", "0"),
    # What is believed.
    (IMAGE, "return image->hot_sum == xxh64", "return true || image->hot_sum == xxh64"),
    (IMAGE, "image->nr_funcs <= KEXEC_QUIESCE_MAX_FUNCS &&", ""),
    (IMAGE, "image->cold_sum != xxh64(cold, bytes, 0)", "0"),
    (IMAGE, "!header_ok(image) || !record_ok(image)", "!header_ok(image)"),
    (IMAGE, "*id = kexec_quiesce_read(run, func, PCI_VENDOR_ID, 4);", "return true;"),
    (IMAGE, "for (tries = 0; tries < 2; tries++) {", "for (tries = 0; tries < 1; tries++) {"),
    (IMAGE, "for (i = run->nr_funcs; i-- > 0;) {", "for (i = 0; i < run->nr_funcs; i++) {"),
    (IMAGE, "strange[i] & ~known[i];", "strange[i];"),
    (IMAGE, "id == RRS_ID;", "(u16)id == (u16)RRS_ID;"),
    (QUIESCE, "\tkexec_quiesce_doubt_windows(run);", ""),
    (QUIESCE, "\treturn func->pcie_cap &&\n\t       !(status_command >> 16 & PCI_STATUS_CAP_LIST);", "\treturn 0;"),
    (QUIESCE, "\treturn func->pcie_cap &&\n\t       !(", "\treturn !("),
    (QUIESCE, "\tif (is_memory(func, word))\n", "\tif (0)\n"),
    (QUIESCE, "run->incomplete = is_stale(source);", ";"),
    (QUIESCE, "slot = !slot;", ";"),
    # The last resort.
    (RAW, "if (nr == max) {\n\t\t\trun->incomplete = true;\n\t\t\treturn nr;\n\t\t}", ""),
    (RAW, "func->flags |= KEXEC_QUIESCE_F_EXCLUDE_CLASS;", ";"),
    (RAW, "func->flags |= KEXEC_QUIESCE_F_EXCLUDE_USER;", ";"),
    # The plan.
    (PLAN, "return KEXEC_QUIESCE_NOT_DISPLAY;", "return KEXEC_QUIESCE_ALLOWED;"),
    (PLAN, "return KEXEC_QUIESCE_NOT_CXL;", "return KEXEC_QUIESCE_ALLOWED;"),
    (PLAN, "return KEXEC_QUIESCE_NOT_EXCLUDED;", "return KEXEC_QUIESCE_ALLOWED;"),
    (PLAN, "return KEXEC_QUIESCE_NOT_USER;", "return KEXEC_QUIESCE_ALLOWED;"),
    (PLAN, "return KEXEC_QUIESCE_NOT_VMD;", "return KEXEC_QUIESCE_ALLOWED;"),
    (PLAN, "func->forbidden = KEXEC_QUIESCE_NOT_QUIRK;", ";"),
    (PLAN, "\t\t\tparent->forbidden = func->forbidden;", "\t\t\t;"),
    (PLAN, "func->flags & KEXEC_QUIESCE_F_NO_FLR || ", ""),
    (PLAN, "func->settle_ms = FLR_MS + quirk;", "func->settle_ms = FLR_MS;"),
    # The snapshot.
    (SNAPSHOT, "return l->depth > r->depth ? -1 : 1;", "return l->depth > r->depth ? 1 : -1;"),
    (SNAPSHOT, "u8 depth = dev->is_virtfn;", "u8 depth = 0;"),
    (SNAPSHOT, "if (ours != kernels) {", "if (0) {"),
    (SNAPSHOT, "atomic_inc(&kexec_quiesce_ctl.arrivals);", ";"),
    (SNAPSHOT, "WRITE_ONCE(kexec_quiesce_ctl.arrivals_known[next], arrivals);", ";"),
    (SNAPSHOT, "flags |= KEXEC_QUIESCE_F_NO_BUS_RESET;", ";"),
    (SNAPSHOT, "flags |= KEXEC_QUIESCE_F_CXL;", ";"),
    (SNAPSHOT, "flags |= KEXEC_QUIESCE_F_GATED_ABOVE;", ";"),
    (SNAPSHOT, "flags |= KEXEC_QUIESCE_F_INTX;", ";"),
    (SNAPSHOT, "func->settle_ms = CONVENTIONAL_SETTLE_MS;", "func->settle_ms = LINK_SETTLE_MS;"),
    (SNAPSHOT, "func->flags |= KEXEC_QUIESCE_F_FAST_LINK;", ";"),
    (SNAPSHOT, "\tpcie_capability_read_word(dev, PCI_EXP_DEVCTL, &saved->devctl);", ""),
    (SNAPSHOT, "unsigned int next = !kexec_quiesce_ctl.newest;", "unsigned int next = kexec_quiesce_ctl.newest;"),
    (SNAPSHOT, "\tkexec_quiesce_plan(funcs, image->nr_funcs);", ""),
    (SNAPSHOT, "funcs[found[i].index].parent = parent->index;", ";"),
]

# Index text -> why no test can notice it.
SURVIVES = {}
