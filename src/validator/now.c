// SPDX-License-Identifier: GPL-2.0-only
/* Where an interrupt goes, as the events say that have MSI_FIELDS_now.  */
#include "rule_ctx.h"

#define NOW(name, e) (const struct msi_now *)&((const struct msi_ev_##name *)(e))->now_irqd

struct now_of now_of(const struct msi_event_hdr *e)
{
	const struct msi_ev_request *req = (const struct msi_ev_request *)e;
	const struct msi_ev_unrequest *unreq = (const struct msi_ev_unrequest *)e;
	const struct msi_ev_aff *aff = (const struct msi_ev_aff *)e;
	const struct msi_ev_irq_look *look = (const struct msi_ev_irq_look *)e;

	if (e->type == MSI_EV_REQUEST)
		return (struct now_of){ NOW(request, e), req->desc, req->irq, req->ret };
	if (e->type == MSI_EV_AFF)
		return (struct now_of){ NOW(aff, e), aff->desc, aff->irq, aff->ret < 0 };
	if (e->type == MSI_EV_UNREQUEST)
		return (struct now_of){ NOW(unrequest, e), unreq->desc, unreq->irq, false };
	return (struct now_of){ NOW(irq_look, e), look->desc, look->irq, false };
}

bool now_started(const struct msi_now *now)
{
	const uint32_t known = MSI_DESC_STATE_KNOWN | MSI_DESC_PCI;
	const uint32_t running = MSI_IRQD_ACTIVATED | MSI_IRQD_STARTED;

	if ((now->flags & known) != known || (now->flags & MSI_DESC_VIRTUAL))
		return false;
	return (now->irqd & running) == running && !(now->irqd & MSI_IRQD_MANAGED_SHUTDOWN);
}
