// SPDX-License-Identifier: GPL-2.0-only
/*
 * Growth that does not go back.  Of each number only the levels are kept that it never fell below again, and since
 * when: a sample removes those that it is below.  What a snapshot has is kept by place (device and index; domain, chip
 * and hwirq), since the number of an interrupt may change where nothing is left behind.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define HASH_NONFATAL_OOM 1	/* an object that could not be added has no hh.tbl */
#include <uthash.h>

#include "base/util.h"
#include "ledger/soak.h"

const struct soak_kind_row soak_kinds[SOAK_KIND_NR] = {
#define X(ID, word_, doc_) { .word = word_, .doc = doc_ },
	SOAK_KINDS(X)
#undef X
};

const struct soak_verdict_row soak_verdicts[SOAK_VERDICT_NR] = {
#define X(ID, word_, doc_) { .word = word_, .doc = doc_ },
	SOAK_VERDICTS(X)
#undef X
};

struct level {
	uint32_t value, since;
};

struct series {
	struct level *levels;	/* ascending; the first is what all others grew from */
	size_t nr, room;
	uint32_t first, last, highest;
	uint32_t fall;		/* the furthest that it went back from anything before */
};

struct owner {
	UT_hash_handle hh;
	struct soak_owner o;
	struct soak_counts now;
	struct series series[SOAK_KIND_NR];
	enum soak_verdict verdicts[SOAK_KIND_NR], verdict;	/* the worst of them */
	char text[];		/* the key: the strings of o but the driver, with their ends */
};

struct place_key {
	const struct owner *owner;
	uint64_t number;	/* index, hwirq, or vector and CPU; of what has none of these, its kind */
};

struct place {
	UT_hash_handle hh;
	struct place_key key;
	uint32_t reference, now;	/* how many there were, and are */
};

struct thing_key {
	const struct place *place;
	uint64_t id;		/* virq, or address of a domain */
};

struct thing {
	UT_hash_handle hh;
	struct thing_key key;
	struct place *place;
	struct soak_left left;
	uint32_t sample;	/* the last that had it */
};

struct soak {
	struct soak_report report;
	uint32_t warm_up;	/* cycles that are not judged */
	uint32_t sample, last;	/* number of the sample, its cycle */
	bool begun;
	struct series all[SOAK_KIND_NR];
	struct owner *owners, *nobody;
	struct place *places;
	struct thing *things;
};

/* --- numbers ------------------------------------------------------------------------------ */

static int series_begin(struct series *s, uint32_t value, uint32_t since)
{
	s->levels = calloc(4, sizeof(*s->levels));
	if (!s->levels)
		return -ENOMEM;
	s->room = 4;
	s->nr = 1;
	s->levels[0] = (struct level){ value, since };
	s->first = s->last = s->highest = value;
	return 0;
}

static int series_add(struct series *s, uint32_t value, uint32_t cycle)
{
	struct level *grown;
	uint32_t since = cycle;

	if (s->highest < value)
		s->highest = value;
	if (s->fall < s->highest - value)
		s->fall = s->highest - value;
	s->last = value;
	while (s->nr && s->levels[s->nr - 1].value > value)
		since = s->levels[--s->nr].since;
	if (s->nr && s->levels[s->nr - 1].value == value)
		return 0;
	if (s->nr == s->room) {
		grown = reallocarray(s->levels, 2 * s->room, sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		s->levels = grown;
		s->room *= 2;
	}
	s->levels[s->nr++] = (struct level){ value, since };
	return 0;
}

/*
 * What leaks in every Nth cycle does so by cycle N, and again by 2 N: what grew once and not again by then was something
 * that is made once.  What goes up and down must have grown by more than it ever went down.
 */
static enum soak_verdict judge(const struct series *s, uint32_t last)
{
	uint32_t kept = s->levels[s->nr - 1].value - s->levels[0].value;

	if (s->nr == 1 || kept <= s->fall)
		return SOAK_NONE;
	if (s->nr > 2)
		return SOAK_LEAK;
	return last / 2 >= s->levels[1].since ? SOAK_ONCE : SOAK_UNDECIDED;
}

/* --- what there is ------------------------------------------------------------------------ */

/* The owner of these names; a new one had nothing in the reference.  NULL: there is no memory.  */
static struct owner *find_owner(struct soak *s, const char *device, const char *domain, const char *chip)
{
	size_t nd = strlen(device) + 1, nm = strlen(domain) + 1, nc = strlen(chip) + 1;
	struct owner *o, *fresh = calloc(1, sizeof(*fresh) + nd + nm + nc);
	unsigned int k;

	if (!fresh)
		return NULL;
	memcpy(fresh->text, device, nd);
	memcpy(fresh->text + nd, domain, nm);
	memcpy(fresh->text + nd + nm, chip, nc);
	HASH_FIND(hh, s->owners, fresh->text, nd + nm + nc, o);
	if (o) {
		free(fresh);
		return o;
	}
	fresh->o = (struct soak_owner){ .device = fresh->text, .driver = "", .domain = fresh->text + nd,
					.chip = fresh->text + nd + nm };
	for (k = 0; k < SOAK_KIND_NR; k++)
		if (series_begin(&fresh->series[k], 0, s->report.reference))
			break;
	if (k == SOAK_KIND_NR)
		HASH_ADD_KEYPTR(hh, s->owners, fresh->text, nd + nm + nc, fresh);
	if (fresh->hh.tbl)
		return fresh;
	while (k--)
		free(fresh->series[k].levels);
	free(fresh);
	return NULL;
}

static struct place *find_place(struct soak *s, const struct owner *owner, uint64_t number)
{
	struct place_key key = { .owner = owner, .number = number };
	struct place *p;

	HASH_FIND(hh, s->places, &key, sizeof(key), p);
	if (p)
		return p;
	p = calloc(1, sizeof(*p));
	if (!p)
		return NULL;
	p->key = key;
	HASH_ADD(hh, s->places, key, sizeof(key), p);
	if (!p->hh.tbl) {
		free(p);
		return NULL;
	}
	return p;
}

/* One that is there in this sample.  */
static int note(struct soak *s, const struct owner *owner, uint64_t number, uint64_t id, const struct soak_left *left)
{
	struct place *p = find_place(s, owner, number);
	struct thing_key key = { .place = p, .id = id };
	uint32_t since = left->since;
	struct thing *t;

	if (!p)
		return -ENOMEM;
	p->now++;
	HASH_FIND(hh, s->things, &key, sizeof(key), t);
	if (!t) {
		t = calloc(1, sizeof(*t));
		if (!t)
			return -ENOMEM;
		t->key = key;
		t->place = p;
		HASH_ADD(hh, s->things, key, sizeof(key), t);
		if (!t->hh.tbl) {
			free(t);
			return -ENOMEM;
		}
	} else {
		since = t->left.since;
	}
	t->left = *left;
	t->left.since = since;
	t->sample = s->sample;
	return 0;
}

/*
 * Vectors count where those that nobody holds are known, too. What vfio has, in use or kept, is bounded by the size of the
 * MSI-X table, and a guest may use more of it: no leak.
 */
static void count_vector(struct soak_counts *c, const struct snap_vector *v, bool books)
{
	if (v->of_vfio)
		return;
	c->nr[SOAK_VIRQS] += v->irq != SNAP_UNKNOWN;
	c->nr[SOAK_VECTORS] += books && v->vector != SNAP_UNKNOWN;	/* where it was moved from is none: that goes */
	c->nr[SOAK_RESERVED] += books && v->books & MSI_BOOKS_RESERVED;
	c->nr[SOAK_HANDLERS] += v->handler != 0;
}

static uint32_t count_descs(const struct snap_device *d)
{
	return d->descs > d->of_vfio ? d->descs - d->of_vfio : 0;
}

/* What the kernel has as taken, and no interrupt holds.  */
static void count_nobody(struct soak_counts *c, const struct snapshot *snap)
{
	size_t i;

	if (!snap->quiet)
		return;
	for (i = 0; i < snap->nr_odd; i++)
		c->nr[SOAK_VECTORS] += snap->odd[i].taken;
	if (snap->nr_cpus && snap->reserved > snap->irqs_reserved)
		c->nr[SOAK_RESERVED] += snap->reserved - snap->irqs_reserved;
}

static int by_number(const void *pa, const void *pb)
{
	uint32_t a = *(const uint32_t *)pa, b = *(const uint32_t *)pb;

	return (a > b) - (a < b);
}

static size_t numbers_of(const struct snap_vector *v, size_t nr, bool of_vfio, uint32_t *irqs)
{
	size_t n = 0;

	for (size_t i = 0; i < nr; i++)
		if (!of_vfio || v[i].of_vfio)
			irqs[n++] = v[i].irq;
	return n;
}

/* The interrupts that were looked at, or those of vfio, by number; the caller's to free.  NULL: there is no memory.  */
static uint32_t *interrupts_of(const struct snapshot *snap, bool of_vfio, size_t *nr)
{
	uint32_t *irqs = calloc(snap->nr_vectors + snap->nr_others + 1, sizeof(*irqs));

	if (!irqs)
		return NULL;
	*nr = numbers_of(snap->vectors, snap->nr_vectors, of_vfio, irqs);
	*nr += numbers_of(snap->others, snap->nr_others, of_vfio, irqs + *nr);
	if (*nr)
		qsort(irqs, *nr, sizeof(*irqs), by_number);
	return irqs;
}

int soak_count(const struct soak_look *look, struct soak_counts *out)
{
	const struct snapshot *snap = look->snap;
	size_t i, nr;
	__cleanup_free uint32_t *vfio = interrupts_of(snap, true, &nr);

	if (!vfio)
		return -ENOMEM;
	memset(out, 0, sizeof(*out));
	out->nr[SOAK_DEVICES] = snap->nr_devices;
	for (i = 0; i < snap->nr_devices; i++)
		out->nr[SOAK_DESCS] += count_descs(&snap->devices[i]);
	for (i = 0; i < snap->nr_vectors; i++)
		count_vector(out, &snap->vectors[i], snap->nr_cpus);
	for (i = 0; i < snap->nr_others; i++)
		count_vector(out, &snap->others[i], snap->nr_cpus);
	out->nr[SOAK_DOMAINS] = snap->nr_domains;
	for (i = 0; i < look->nr_files; i++)
		if (!bsearch(&look->files[i].irq, vfio, nr, sizeof(*vfio), by_number))
			out->nr[look->files[i].kind]++;
	count_nobody(out, snap);
	return 0;
}

/* What has no name is not what nobody holds.  */
static const char *or_unknown(const char *name)
{
	return name[0] ? name : "?";
}

static int take_vector(struct soak *s, uint32_t cycle, const struct snap_vector *v, bool books)
{
	struct soak_left left = {
		.kind = v->irq == SNAP_UNKNOWN ? SOAK_DESCS : SOAK_VIRQS, .since = cycle, .index = v->index, .irq = v->irq, .vector = v->vector, .cpu = v->cpu,
		.state = v->state, .has_hwirq = v->looked, .hwirq = v->hwirq,
	};
	struct owner *o;

	if (v->of_vfio)
		return 0;
	if (v->device)
		o = find_owner(s, v->device->name, "", "");
	else
		o = find_owner(s, "", v->domain, or_unknown(v->chip));
	if (!o)
		return -ENOMEM;
	left.owner = &o->o;
	count_vector(&o->now, v, books);
	return note(s, o, v->device ? v->index : v->hwirq, left.irq, &left);
}

/* The name of a driver is kept when it is gone: what it left is its own.  */
static int take_device(struct soak *s, const struct snap_device *d)
{
	struct owner *o = find_owner(s, d->name, "", "");
	char *driver;

	if (!o)
		return -ENOMEM;
	o->now.nr[SOAK_DESCS] += count_descs(d);
	if (!d->driver[0] || !strcmp(d->driver, o->o.driver))
		return 0;
	driver = strdup(d->driver);
	if (!driver)
		return -ENOMEM;
	if (o->o.driver[0])
		free((char *)o->o.driver);
	o->o.driver = driver;
	return 0;
}

static int take_nobody(struct soak *s, uint32_t cycle, const struct snapshot *snap)
{
	struct soak_left left = { .kind = SOAK_VECTORS, .since = cycle, .index = SNAP_UNKNOWN, .irq = SNAP_UNKNOWN };
	struct owner *o = s->nobody = s->nobody ?: find_owner(s, "", "", "");
	size_t i;
	int err = 0;

	if (!o)
		return -ENOMEM;
	left.owner = &o->o;
	count_nobody(&o->now, snap);
	for (i = 0; snap->quiet && !err && i < snap->nr_odd; i++) {
		left.vector = snap->odd[i].vector;
		left.cpu = snap->odd[i].cpu;
		if (snap->odd[i].taken)
			err = note(s, o, (uint64_t)left.cpu << 32 | left.vector, left.irq, &left);
	}
	return err;
}

#define NO_NUMBER(kind) (1ull << 63 | (kind))	/* of places */

/* One that is no interrupt, and has no place but its owner.  */
static int take_other(struct soak *s, uint32_t cycle, enum soak_kind kind, struct owner *o, uint32_t irq, uint64_t id)
{
	struct soak_left left = {
		.kind = kind, .since = cycle, .index = SNAP_UNKNOWN, .irq = irq, .vector = SNAP_UNKNOWN, .cpu = SNAP_UNKNOWN,
	};

	left.owner = &o->o;
	return note(s, o, NO_NUMBER(kind), id, &left);
}

static int take_domain(struct soak *s, uint32_t cycle, const struct snap_domain *d)
{
	/* irq_domain_set_name(): those without name are numbered, and have a new number when they are made anew */
	bool numbered = !strncmp(d->name, "unknown-", 8);
	struct owner *o = find_owner(s, "", numbered ? "unknown" : or_unknown(d->name), "");

	if (!o)
		return -ENOMEM;
	o->now.nr[SOAK_DOMAINS]++;
	return take_other(s, cycle, SOAK_DOMAINS, o, SNAP_UNKNOWN, d->domain);
}

/* All count; those of an interrupt that was looked at are named by it.  */
static int take_files(struct soak *s, uint32_t cycle, const struct soak_look *look)
{
	size_t i, nr, nr_vfio;
	__cleanup_free uint32_t *irqs = interrupts_of(look->snap, false, &nr);
	__cleanup_free uint32_t *vfio = interrupts_of(look->snap, true, &nr_vfio);
	struct owner *o;
	int err = irqs && vfio ? 0 : -ENOMEM;

	for (i = 0; !err && i < look->nr_files; i++) {
		const struct soak_file *f = &look->files[i];
		bool named = bsearch(&f->irq, irqs, nr, sizeof(*irqs), by_number);

		if ((named && f->kind != SOAK_FILES) || bsearch(&f->irq, vfio, nr_vfio, sizeof(*vfio), by_number))
			continue;
		o = f->kind == SOAK_FILES ? find_owner(s, f->whose, "", "") : find_owner(s, "", "", or_unknown(f->whose));
		if (!o)
			return -ENOMEM;
		o->now.nr[f->kind]++;
		if (!named)
			err = take_other(s, cycle, f->kind, o, f->irq, f->irq);
	}
	return err;
}

/* Vectors that nobody holds are known at quiet moments only; otherwise they are taken to be what they were.  */
static bool is_known(const struct soak *s, const struct place *p, const struct snapshot *snap)
{
	return snap->quiet || p->key.owner != s->nobody;
}

static int take(struct soak *s, uint32_t cycle, const struct soak_look *look)
{
	const struct snapshot *snap = look->snap;
	struct owner *o;
	struct place *p;
	size_t i;
	int err = 0;

	for (o = s->owners; o; o = o->hh.next)
		memset(&o->now, 0, sizeof(o->now));
	for (p = s->places; p; p = p->hh.next)
		if (is_known(s, p, snap))
			p->now = 0;
	for (i = 0; !err && i < snap->nr_devices; i++)
		err = take_device(s, &snap->devices[i]);
	for (i = 0; !err && i < snap->nr_vectors; i++)
		err = take_vector(s, cycle, &snap->vectors[i], snap->nr_cpus);
	for (i = 0; !err && i < snap->nr_others; i++)
		err = take_vector(s, cycle, &snap->others[i], snap->nr_cpus);
	for (i = 0; !err && i < snap->nr_domains; i++)
		err = take_domain(s, cycle, &snap->domains[i]);
	err = err ?: take_files(s, cycle, look);
	return err ?: take_nobody(s, cycle, snap);
}

/* --- samples ------------------------------------------------------------------------------ */

static void forget_gone(struct soak *s, const struct snapshot *snap)
{
	struct thing *t, *next;

	HASH_ITER(hh, s->things, t, next) {
		if (t->sample == s->sample || !is_known(s, t->place, snap))
			continue;
		HASH_DEL(s->things, t);
		free(t);
	}
}

static int begin(struct soak *s, uint32_t cycle, const struct soak_counts *all)
{
	struct owner *o;
	struct place *p;
	unsigned int k;

	for (k = 0; k < SOAK_KIND_NR; k++) {
		if (series_begin(&s->all[k], all->nr[k], cycle))
			return -ENOMEM;
		for (o = s->owners; o; o = o->hh.next) {
			o->series[k].levels[0] = (struct level){ o->now.nr[k], cycle };
			o->series[k].first = o->series[k].last = o->series[k].highest = o->now.nr[k];
		}
	}
	for (p = s->places; p; p = p->hh.next)
		p->reference = p->now;
	s->report.reference = cycle;
	s->begun = true;
	return 0;
}

static int add(struct soak *s, uint32_t cycle, const struct soak_counts *all, bool quiet)
{
	struct soak_counts unknown = {};
	struct owner *o;
	unsigned int k;
	int err = 0;

	for (k = 0; !err && k < SOAK_KIND_NR; k++) {
		for (o = s->owners; !err && o; o = o->hh.next) {
			if (o == s->nobody && !quiet)
				unknown.nr[k] = o->series[k].last;
			else
				err = series_add(&o->series[k], o->now.nr[k], cycle);
		}
		err = err ?: series_add(&s->all[k], all->nr[k] + unknown.nr[k], cycle);
	}
	s->report.samples++;
	return err;
}

int soak__new(uint32_t cycles, struct soak **out)
{
	struct soak *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->warm_up = cycles >= 3;
	*out = s;
	return 0;
}

int soak__sample(struct soak *s, uint32_t cycle, const struct soak_look *look)
{
	const struct snapshot *snap = look->snap;
	struct soak_counts all;
	int err;

	if (cycle < s->warm_up || (!s->begun && snap->nr_cpus && !snap->quiet))
		return 0;
	err = soak_count(look, &all);
	if (err)
		return err;
	s->sample++;
	s->last = cycle;
	err = take(s, cycle, look);
	if (err)
		return err;
	forget_gone(s, snap);
	return s->begun ? add(s, cycle, &all, snap->quiet || !snap->nr_cpus) : begin(s, cycle, &all);
}

/* --- the report --------------------------------------------------------------------------- */

static struct soak_growth growth(const struct soak *s, const struct series *se, enum soak_kind kind)
{
	const struct level *l = se->levels;
	struct soak_growth g = {
		.kind = kind, .verdict = judge(se, s->last), .first = se->first, .last = se->last,
		.kept = l[se->nr - 1].value - l[0].value, .steps = se->nr - 1, .since = se->nr > 1 ? l[1].since : 0,
	};

	if (g.verdict != SOAK_NONE && s->last > s->report.reference)
		g.slope = (double)g.kept / (s->last - s->report.reference);
	return g;
}

/* Of all each kind; of owners what leaks: one step may be another name of what there was.  */
static void report_growths(struct soak *s)
{
	struct soak_report *r = &s->report;
	struct soak_growth g;
	struct owner *o;
	unsigned int k;

	for (k = 0; k < SOAK_KIND_NR; k++) {
		g = growth(s, &s->all[k], k);
		r->growths[r->nr_growths++] = g;
		if (r->verdict < g.verdict)
			r->verdict = g.verdict;
	}
	for (o = s->owners; o; o = o->hh.next) {
		o->verdict = SOAK_NONE;
		for (k = 0; k < SOAK_KIND_NR; k++) {
			g = growth(s, &o->series[k], k);
			g.owner = &o->o;
			o->verdicts[k] = g.verdict;
			if (o->verdict < g.verdict)
				o->verdict = g.verdict;
			if (g.verdict == SOAK_LEAK)
				r->growths[r->nr_growths++] = g;
		}
		if (o->verdict == SOAK_LEAK)
			r->verdict = SOAK_LEAK;
	}
}

#define CMP(a, b) (((a) > (b)) - ((a) < (b)))

static int by_age(const void *pa, const void *pb)
{
	const struct thing *a = *(struct thing *const *)pa, *b = *(struct thing *const *)pb;

	return CMP(a->left.since, b->left.since) ?: CMP(a->left.irq, b->left.irq);
}

static int by_owner(const void *pa, const void *pb)
{
	const struct soak_left *a = pa, *b = pb;

	return strcmp(a->owner->device, b->owner->device) ?: strcmp(a->owner->domain, b->owner->domain) ?:
	       strcmp(a->owner->chip, b->owner->chip) ?: CMP(a->since, b->since) ?: CMP(a->index, b->index) ?:
	       CMP(a->hwirq, b->hwirq) ?: CMP(a->irq, b->irq);
}

/* Of what has a name of its own each owner has one, and all of them may leak.  */
static enum soak_verdict verdict_of(const struct soak_report *r, const struct owner *o, enum soak_kind kind)
{
	enum soak_verdict all = r->growths[kind].verdict;

	if (kind != SOAK_DOMAINS && kind != SOAK_FILES && kind != SOAK_NUMBERS)
		return o->verdict;
	if (all < SOAK_UNDECIDED && o->verdicts[kind] < SOAK_UNDECIDED)
		return SOAK_NONE;
	return all > o->verdicts[kind] ? all : o->verdicts[kind];
}

/* As many of each place as there are more than there were, the oldest of those that are new.  */
static int report_left(struct soak *s)
{
	size_t i, nr = 0, total = HASH_COUNT(s->things);
	__cleanup_free struct thing **things = calloc(total + 1, sizeof(*things));
	struct soak_report *r = &s->report;
	struct thing *t;
	struct place *p;

	r->left = calloc(total + 1, sizeof(*r->left));
	if (!things || !r->left)
		return -ENOMEM;
	for (t = s->things; t; t = t->hh.next)
		if (t->left.since > r->reference)
			things[nr++] = t;
	if (nr)
		qsort(things, nr, sizeof(*things), by_age);
	for (i = 0; i < nr; i++) {
		enum soak_verdict v = verdict_of(r, things[i]->place->key.owner, things[i]->left.kind);

		p = things[i]->place;
		if (p->now <= p->reference || r->verdict < SOAK_UNDECIDED || v == SOAK_NONE)
			continue;
		p->now--;
		r->left[r->nr_left] = things[i]->left;
		r->left[r->nr_left++].verdict = v;
	}
	if (r->nr_left)
		qsort(r->left, r->nr_left, sizeof(*r->left), by_owner);
	return 0;
}

int soak__report(struct soak *s, const struct soak_report **out)
{
	struct soak_report *r = &s->report;

	free(r->growths);
	free(r->left);
	r->left = NULL;
	r->nr_growths = r->nr_left = 0;
	r->verdict = SOAK_NONE;
	r->growths = calloc((HASH_COUNT(s->owners) + 1) * SOAK_KIND_NR, sizeof(*r->growths));
	if (!r->growths)
		return -ENOMEM;
	*out = r;
	if (!s->begun || !r->samples) {
		r->verdict = SOAK_UNDECIDED;
		return 0;
	}
	report_growths(s);
	return report_left(s);
}

void soak__free(struct soak *s)
{
	struct owner *o, *next_o;
	struct place *p, *next_p;
	struct thing *t, *next_t;
	unsigned int k;

	if (!s)
		return;
	HASH_ITER(hh, s->things, t, next_t) {
		HASH_DEL(s->things, t);
		free(t);
	}
	HASH_ITER(hh, s->places, p, next_p) {
		HASH_DEL(s->places, p);
		free(p);
	}
	HASH_ITER(hh, s->owners, o, next_o) {
		HASH_DEL(s->owners, o);
		for (k = 0; k < SOAK_KIND_NR; k++)
			free(o->series[k].levels);
		if (o->o.driver[0])
			free((char *)o->o.driver);
		free(o);
	}
	for (k = 0; k < SOAK_KIND_NR; k++)
		free(s->all[k].levels);
	free(s->report.growths);
	free(s->report.left);
	free(s);
}
