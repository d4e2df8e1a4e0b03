// SPDX-License-Identifier: GPL-2.0-only
/* Built into the kernel: where the record is, in VMCOREINFO. */
#include <linux/init.h>
#include <linux/kexec.h>
#include <linux/kexec_quiesce.h>

/*
 * After arming: the record does not move from then on; its header has its
 * length.
 */
static int __init pciq_vmcoreinfo_init(void)
{
	size_t bytes = sizeof(struct pciq_record) +
		       pciq_memory.room * sizeof(struct pciq_entry);

	if (pciq_memory.record)
		vmcoreinfo_append_str(PCIQ_NOTE_RECORD "0x%llx,%zu\n",
				      (u64)pciq_memory.record_phys, bytes);
	return 0;
}
late_initcall_sync(pciq_vmcoreinfo_init);
