// SPDX-License-Identifier: GPL-2.0-only
/* What the object is made of that belongs to no hook group: its licence, and the maps and
 * configuration of msitrace.bpf.h.  */
#include "msitrace.bpf.h"

char LICENSE[] SEC("license") = "GPL";

/* Loaded modules: user space reads their symbols while they are there.  */
SEC("?tp_btf/module_load")
int hook_module_load(__u64 *ctx)
{
	struct module *mod = (void *)ctx[0];
	struct msi_ev_module *e;

	msi_modules_loaded++;
	e = EVENT_BEGIN(module, MSI_EV_MODULE, HOOK_module_load, 0);
	if (!e)
		return 0;
	bpf_probe_read_kernel_str(e->name, sizeof(e->name), &mod->name);
	event_submit(e);
	return 0;
}
