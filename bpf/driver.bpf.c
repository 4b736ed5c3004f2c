// SPDX-License-Identifier: GPL-2.0-only
/* Driver binding: probe and remove of the buses, and devres_release_all(), which ends both an unbind
 * and a failed probe.  */
#include "msitrace.bpf.h"

static __always_inline int bound(__u64 *ctx, int hook, __u32 phase, __s32 ret)
{
	__u64 dev = hook_arg(ctx, hook, 0);
	struct msi_ev_bind *e;

	if (!note_dev(dev))
		return 0;
	lock_flush_current();
	e = EVENT_BEGIN_STACK(bind, MSI_EV_BIND, hook, dev);
	if (!e)
		return 0;
	e->phase = phase;
	e->ret = ret;
	bpf_probe_read_kernel_str(e->driver, sizeof(e->driver),
				  BPF_CORE_READ((struct device *)dev, driver, name));
	event_stack(ctx, &e->stack);
	event_submit(e);
	return 0;
}

#define BIND_HOOK(name, section, phase, ret)			\
SEC(section)							\
int hook_##name(__u64 *ctx)					\
{								\
	return bound(ctx, HOOK_##name, phase, ret);		\
}

BIND_HOOK(pci_probe, "?fentry/pci_device_probe", MSI_BIND_PROBE, 0)
BIND_HOOK(pci_probe_end, "?fexit/pci_device_probe", MSI_BIND_PROBE_END,
	  hook_ret(ctx, HOOK_pci_probe_end))
BIND_HOOK(pci_remove, "?fentry/pci_device_remove", MSI_BIND_REMOVE, 0)
BIND_HOOK(pci_remove_end, "?fexit/pci_device_remove", MSI_BIND_REMOVE_END, 0)
BIND_HOOK(platform_probe, "?fentry/platform_probe", MSI_BIND_PROBE, 0)
BIND_HOOK(platform_probe_end, "?fexit/platform_probe", MSI_BIND_PROBE_END,
	  hook_ret(ctx, HOOK_platform_probe_end))
BIND_HOOK(platform_remove, "?fentry/platform_remove", MSI_BIND_REMOVE, 0)
BIND_HOOK(platform_remove_end, "?fexit/platform_remove", MSI_BIND_REMOVE_END, 0)

/* Of every device of the system: only those that had something to do with MSI are reported.  */
SEC("?fexit/devres_release_all")
int hook_devres_released(__u64 *ctx)
{
	__u64 dev = hook_arg(ctx, HOOK_devres_released, 0);

	if (!dev_known(dev))
		return 0;
	return bound(ctx, HOOK_devres_released, MSI_BIND_RELEASED, 0);
}
