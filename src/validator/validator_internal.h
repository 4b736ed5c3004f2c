/* SPDX-License-Identifier: GPL-2.0-only */
/* struct msi_validator; for validator.c and finding.c.  Rules see rule_ctx.h.  */
#ifndef MSITRACE_VALIDATOR_INTERNAL_H
#define MSITRACE_VALIDATOR_INTERNAL_H

#include "rule_ctx.h"

#define UNNUMBERED_MAX 256	/* hooks without number; the last place is reused */
#define FINDINGS_MAX 65536	/* distinct ones; further ones are only counted */

/* A hook, as its MSI_EV_ATTACH described it.  */
struct hook {
	uint16_t hook, event, status;
	char role[32];
	char func[64];
	char why[96];
};

struct msi_validator {
	struct msi_validator_opts opts;
	struct model model;

	struct rule_ctx *rules;			/* those that run, by id */
	struct rule_result *results;		/* ORDER: rules */
	size_t nr_rules;
	struct rule_ctx **dispatch;		/* active rules: [MSI_EV_MAX][NR_RULES] */
	uint32_t nr_dispatch[MSI_EV_MAX];

	struct map hooks;			/* struct hook, by number */
	uint32_t nr_unnumbered;			/* hooks without number, kept behind the others */
	bool attach_seen, kernel_seen, finished, oom;
	event_mask_t available;
	uint32_t version, profile;

	event_mask_t lost;
	event_mask_t losing;		/* since a FROM_HERE: any of these may be missing anywhere */
	uint64_t nr_lost, nr_lost_any, lost_of[MSI_EV_MAX];

	struct map seen;			/* hashes of findings */
	uint64_t nr_findings, nr_notes;
	struct finding finding;			/* the one in the making */
};

#endif
