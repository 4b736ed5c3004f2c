/* SPDX-License-Identifier: GPL-2.0-only */
/* What a listing that is repeated watches in between: what failed for want of vectors, and who allocates interrupts.  */
#ifndef MSITRACE_CMD_WATCH_H
#define MSITRACE_CMD_WATCH_H

#include "ledger/origin.h"
#include "look.h"
#include "msitrace/format.h"
#include "msitrace/validator.h"

/* Zeroed at the start.  */
struct watch {
	struct look *look;
	struct msi_validator *validator;
	struct origins *origins;
	struct format format;
	struct format_env env;
	char *text;			/* of the findings since it was shown last; env.out writes it */
	size_t size;
	uint64_t findings;		/* told since then */
	uint64_t counted;		/* before then, repeats included */
	uint64_t lost;			/* events, until then */
	bool missed;			/* some were lost since it was started */
};

/* Before look__open().  0, or an exit code after a message.  */
int watch__prepare(struct watch *w, struct look *l);

/* After it: looks at what exists.  0, or an exit code after a message.  */
int watch__start(struct watch *w);

/* Watches for so many seconds, or until a signal.  0, or an exit code after a message.  */
int watch__wait(struct watch *w, double seconds);

/* Prints what failed since the last time.  0, or an exit code after a message.  */
int watch__show(struct watch *w);

/* The function that allocated an interrupt; NULL: it was not seen.  Valid until the next event.  */
const char *watch__culprit(const struct watch *w, uint32_t irq);

/* "irq_set_msi_desc_off < pci_alloc_irq_vectors_affinity < ..."; NULL: it was not seen.  */
const char *watch__stack(const struct watch *w, uint32_t irq, char *buf, size_t size);
void watch__close(struct watch *w);

#endif
