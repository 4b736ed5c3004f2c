/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * libmsivalidator: events in, findings out.  Pure: no I/O, no clock, no environment, no globals, no
 * threads.  One validator is used by one thread; several may exist.
 */
#ifndef MSITRACE_VALIDATOR_H
#define MSITRACE_VALIDATOR_H

#include "msitrace/rule.h"

struct msi_validator;

/* One point in time: the offence, what set it up, or a step of the object's life.  */
struct finding_moment {
	const char *what;	/* "walked without the mutex", "mutex taken", "allocated", "activated" */
	bool before_attach;	/* it existed before msitrace attached: no time, task or stack */
	uint64_t ts_ns;
	uint32_t pid, tid;
	char comm[MSI_COMM_LEN];
	char func[64];		/* kernel function whose hook saw it, "" when not known */
	uint32_t nr;		/* frames */
	uint64_t ip[MSI_STACK_MAX];
};

#define FINDING_LIFE_MAX 8
#define FINDING_MORE_MAX 4
#define FINDING_WORDS_MAX 12

struct finding {
	const struct rule *rule;
	uint64_t nr;			/* 1 for the first finding of this run; of notes: the first note */
	bool note;			/* legal, and worth knowing: no finding, and no verdict comes of it */
	const char *known;		/* id of the known kernel bug that this is, or NULL */
	const char *known_text;		/* commit or report by which it is known, or NULL */
	uint64_t dev;			/* struct device *, 0 when there is none */
	char device[MSI_NAME_LEN];	/* "0000:00:03.0", "" when not known */
	char driver[MSI_NAME_LEN];
	char object[192];		/* "descriptor index 3, virq 27 (\"rx-3\")"; no raw pointers */
	char message[320];		/* what broke, one sentence */
	char held[400];			/* who has what there is none left of, and when; "" when not known */
	struct finding_moment offence;
	bool has_setup;
	struct finding_moment setup;	/* the other stack */
	uint32_t nr_more;
	struct finding_moment more[FINDING_MORE_MAX];	/* and more, where two do not tell it all */
	uint32_t nr_life;
	struct finding_moment life[FINDING_LIFE_MAX];	/* of the object, oldest first */
	uint32_t nr_words;
	char words[FINDING_WORDS_MAX][120];	/* what `what` of a moment may point to */
};

enum verdict { VERDICT_PASS, VERDICT_FAIL, VERDICT_NA, VERDICT_INCONCLUSIVE };

struct rule_result {
	const struct rule *rule;
	enum verdict verdict;
	uint64_t judged;	/* cases */
	uint64_t findings;	/* all of them, repeats included */
	uint64_t known;		/* those of them that are a known kernel bug */
	uint64_t notes;		/* none of them findings; repeats included */
	bool selected;		/* asked for by name */
	char reason[160];	/* of n/a and inconclusive; "" otherwise */
};

struct rule_value {
	const char *rule, *param;
	uint64_t value;
};

struct msi_validator_opts {
	size_t sz;			/* sizeof(struct msi_validator_opts) */
	const char *const *rules;	/* NULL-terminated ids to run, NULL: all */
	/*
	 * Called for the first finding of each (rule, device, stack of the offence); repeats are only
	 * counted.  The finding is valid during the call.
	 */
	void (*finding)(void *ctx, const struct finding *f);
	void *ctx;
	const struct rule_value *values;	/* parameters that are not to have their defaults */
	size_t nr_values;
};

/* All rules, in order of id.  *nr is set.  */
const struct rule *const *msi_rules(size_t *nr);
const struct rule *msi_rule(const char *id);	/* NULL: no such rule */
/* Number of a parameter of a rule, -1: it has none of this name.  */
int msi_rule_param(const struct rule *r, const char *name);
const char *severity_name(enum severity s);
const char *verdict_name(enum verdict v);	/* "pass", "fail", "n/a", "inconclusive" */

/* -EINVAL: unknown rule id or parameter in opts; -ENOMEM.  *out is untouched on failure.  */
int msi_validator__new(const struct msi_validator_opts *opts, struct msi_validator **out);
void msi_validator__free(struct msi_validator *v);

/*
 * One event that has passed event_check().  0, or -ENOMEM: the event was not taken in, or not
 * whole, and from then on every rule is at best inconclusive.
 */
int msi_validator__feed(struct msi_validator *v, const struct msi_event_hdr *e);

/* What was found up to now is told again, if it happens again: for who shows what is new from time to time.  */
void msi_validator__forget_findings(struct msi_validator *v);

/* End of stream: leaks, open cases.  Feed nothing afterwards.  */
int msi_validator__finish(struct msi_validator *v);

/* After finish.  Owned by the validator; *nr is set.  */
const struct rule_result *msi_validator__results(const struct msi_validator *v, size_t *nr);

/*
 * The whole run: fail if any rule failed; else inconclusive if any is, if a rule that was asked for
 * by name is n/a, or if no rule passed; else pass.
 */
enum verdict msi_validator__verdict(const struct msi_validator *v);

#endif
