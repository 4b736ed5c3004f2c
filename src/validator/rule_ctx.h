/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a rule may call.  check() is called with the scene of the event; what the event begins is in
 * the model already, what it ends is still there.
 */
#ifndef MSITRACE_VALIDATOR_RULE_CTX_H
#define MSITRACE_VALIDATOR_RULE_CTX_H

#include "model.h"
#include "msitrace/rule.h"
#include "msitrace/validator.h"

struct rule_ctx {
	const struct rule *rule;
	struct msi_validator *v;
	struct model *model;
	const struct scene *scene;
	void *state;			/* rule::state_size bytes, zeroed at the start */
	uint32_t index;			/* of the rule */
	bool active;			/* all that it needs is there */
	bool inconclusive;
	struct rule_result *result;
	char why_not[120];		/* of rule_not_judged() */
	uint64_t params[RULE_PARAMS_MAX];	/* ORDER: rule::params */
};

/* The value of parameter `nr` of the rule.  */
static inline uint64_t rule_param(const struct rule_ctx *rc, unsigned int nr)
{
	return rc->params[nr];
}

/* A case was judged.  A rule that never calls it is n/a.  */
static inline void rule_judged(struct rule_ctx *rc)
{
	rc->result->judged++;
}

/* A case could not be decided: the verdict is not pass, unless it is fail.  */
void rule_inconclusive(struct rule_ctx *rc, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Something could not be asked here: the reason to be n/a, if it stays so.  */
void rule_not_judged(struct rule_ctx *rc, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Do events of this type come?  For a rule that needs them only if a limit is set; if not, says why. */
bool rule_can_see(struct rule_ctx *rc, unsigned int type);

/* What a finding is about.  Same rule, device, stack and key: a repeat.  */
struct report {
	const struct msi_event_hdr *e;
	const char *what;		/* the offence in a few words */
	const struct device *dev;	/* NULL: the device of e, if the model knows it */
	uint64_t key;			/* for events whose stack does not tell cases apart */
	const char *known, *known_text;
	bool note;			/* it is legal: finding::note */
};

/*
 * Counts a finding.  Returns it to be filled in, with device and offence set, or NULL when it is a
 * repeat.  Ends with rule_emit().
 */
struct finding *rule_report(struct rule_ctx *rc, const struct report *r);
void rule_emit(struct rule_ctx *rc, struct finding *f);

void finding_message(struct finding *f, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void finding_object(struct finding *f, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Both do nothing when nothing is known about the moment.  */
void finding_setup(struct rule_ctx *rc, struct finding *f, const char *what,
		   const struct moment *mo);
void finding_life(struct rule_ctx *rc, struct finding *f, const char *what,
		  const struct moment *mo);
void finding_more(struct rule_ctx *rc, struct finding *f, const char *what,
		  const struct moment *mo);
void finding_life_virq(struct rule_ctx *rc, struct finding *f, const struct virq *vq);
void finding_life_desc(struct rule_ctx *rc, struct finding *f, const struct desc *d);
/* Set-up and life of a descriptor; NULL: of none that is known.  */
void finding_inserted(struct rule_ctx *rc, struct finding *f, const struct desc *d);
/* The report of a message that is written. Then, of its finding: object, life, and the message written before. */
struct report report_of_write(const struct rule_ctx *rc, const struct msi_ev_msg_write *e,
			      const char *what);
void finding_of_write(struct rule_ctx *rc, struct finding *f, const struct msi_ev_msg_write *e);
/* Zeros: the message is deleted.  */
bool message_is_empty(const struct msi_ev_msg_write *e);
/* "virq 24, descriptor index 0"; vq may be NULL.  */
void finding_object_virq(struct finding *f, uint32_t irq, const struct virq *vq);

/* --- facts about an event ----------------------------------------------------------------- */

/* The kernel function whose hook made it, "msi_next_desc"; else the name of the event.  */
const char *event_function(const struct rule_ctx *rc, const struct msi_event_hdr *e);

/* Mutex owner as the hook read it; for FIRST, NEXT, INSERT, DESC_FREE, ALLOC, FREE, UNLOCK.  */
bool event_owner_is_current(const struct msi_event_hdr *e);
uint32_t event_owner_tid(const struct msi_event_hdr *e);

/* As far as the model knows; md may be NULL.  */
static inline bool md_held_by(const struct msi_data *md, uint32_t tid)
{
	return md && md->lock == LOCK_STATE_HELD && md->owner_tid == tid;
}

/* The descriptors that a device has been enabled with; NULL: it was not, or they are not known, which is said. */
const struct store_list *enabled_descs(struct rule_ctx *rc, const struct msi_ev_pci_enable *ev);

/* Where an interrupt goes, of REQUEST, UNREQUEST, AFF and IRQ_LOOK.  */
struct now_of {
	const struct msi_now *now;
	uint64_t desc;
	uint32_t irq;
	bool failed;		/* the call that the event is about */
};

struct now_of now_of(const struct msi_event_hdr *e);

/* Is it known that the interrupt is started, so that its device may send?  Of PCI only.  */
bool now_started(const struct msi_now *now);

/* --- words -------------------------------------------------------------------------------- */

/* By value, so that a message is one expression.  */
struct word {
	char s[40];
};

struct phrase {
	char s[120];
};

struct word word_task(const char *comm, uint32_t tid);			/* rx[101] */
struct word word_ns(uint64_t ns);					/* 125 us */
struct word word_cpus(uint64_t cpus);					/* CPUs 0,2-3 */
struct word word_device(const struct rule_ctx *rc, const struct report *r);
/* "nobody holds it", "rx[101] has held it for 125 us", ...  */
struct phrase phrase_holder(const struct msi_data *md, const struct msi_event_hdr *e);

/* --- order of locks ----------------------------------------------------------------------- */

struct phrase lock_name(const struct rule_ctx *rc, const struct lock_node *n);

/* Does the edge of this event close a cycle that was not reported yet?  */
bool lock_cycle_new(const struct rule_ctx *rc, struct lock_cycle *c);

/* A task of the cycle had to wait for another one of it.  */
bool lock_cycle_blocked(const struct lock_cycle *c);

/* Object, stacks and life; the caller writes the message.  */
void finding_cycle(struct rule_ctx *rc, struct finding *f, const struct lock_cycle *c);

#endif
