// SPDX-License-Identifier: GPL-2.0-only
/*
 * A look as rows. Events are only noted as they come; finish() sorts and joins, so that it costs
 * n log n and no hash table. Strings that many rows share are kept once.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define HASH_NONFATAL_OOM 1	/* an object that could not be added has no hh.tbl */
#include <uthash.h>

#include "base/util.h"
#include "ledger/snapshot.h"

#define NVEC_MAX 32		/* vectors of one descriptor: multi-MSI has no more */
#define VECTORS 256		/* of a CPU */
#define ISA_VECTOR 0x30		/* ISA_IRQ_VECTOR(0), arch/x86/include/asm/irq_vectors.h */
#define ISA_IRQS 16

const struct snap_state_row snap_states[SNAP_STATE_NR] = {
#define X(ID, word_, doc_) { .word = word_, .doc = doc_ },
	SNAP_STATES(X)
#undef X
};

const char *snap_state_words(uint32_t state, char *buf, size_t size)
{
	size_t n = 0;

	for (int i = 0; i < SNAP_STATE_NR; i++) {
		if (!(state & (1u << i)) || n + 1 >= size)
			continue;
		if (n)
			buf[n++] = ',';
		str_copy(buf + n, size - n, snap_states[i].word);
		n += strlen(buf + n);
	}
	return n ? buf : NULL;
}

/* A descriptor of a store.  */
struct desc {
	uint64_t dev, desc;
	uint32_t index, irq, nvec, flags;
	uint32_t seen;		/* bits: its interrupts that were looked at */
};

struct shared {
	UT_hash_handle hh;
	char text[];
};

struct vec {			/* a growing array */
	void **items;
	size_t *nr, room, size;
};

struct building {
	struct snapshot s;	/* first: what the caller has */
	struct snap_device *named;	/* that were told of, in this look or before */
	size_t nr_named;
	struct desc *descs;
	size_t nr_descs;
	struct snap_cpu *before;	/* as CPUs were before the interrupts were looked at */
	size_t nr_before;
	struct snap_odd *last_odd;	/* of the look before */
	size_t nr_last_odd;
	int64_t last_reserved;		/* the difference that it had */
	struct vec before_v, last_odd_v, devices_v, named_v, vectors_v, others_v, cpus_v, odd_v, descs_v, domains_v;
	struct shared *shared;
	uint32_t list;		/* STORE list that is being read, 0: none that counts */
	uint32_t sample;	/* of the last MATRIX_CPU */
	bool ended, lost;
};

static struct building *of(struct snapshot *s)
{
	return (struct building *)s;
}

/* Room for one more, zeroed; NULL: there is no memory.  */
static void *push(struct vec *v)
{
	size_t room = v->room ? 2 * v->room : 16;
	void *grown, *item;

	if (*v->nr == v->room) {
		grown = reallocarray(*v->items, room, v->size);
		if (!grown)
			return NULL;
		*v->items = grown;
		v->room = room;
	}
	item = (char *)*v->items + (*v->nr)++ * v->size;
	memset(item, 0, v->size);
	return item;
}

/* The one copy of a string, NULL: there is no memory.  */
static const char *share(struct building *b, const char *text)
{
	struct shared *sh;
	size_t len = strlen(text);

	HASH_FIND(hh, b->shared, text, len, sh);
	if (sh)
		return sh->text;
	sh = calloc(1, sizeof(*sh) + len + 1);
	if (!sh)
		return NULL;
	memcpy(sh->text, text, len);
	HASH_ADD_KEYPTR(hh, b->shared, sh->text, len, sh);
	if (!sh->hh.tbl) {
		free(sh);
		return NULL;
	}
	return sh->text;
}

int snapshot__new(struct snapshot **out)
{
	struct building *b = calloc(1, sizeof(*b));

	if (!b)
		return -ENOMEM;
#define VEC(v, array, n) b->v = (struct vec){ (void **)&(array), &(n), 0, sizeof(*(array)) }
	VEC(devices_v, b->s.devices, b->s.nr_devices);
	VEC(named_v, b->named, b->nr_named);
	VEC(before_v, b->before, b->nr_before);
	VEC(last_odd_v, b->last_odd, b->nr_last_odd);
	VEC(vectors_v, b->s.vectors, b->s.nr_vectors);
	VEC(others_v, b->s.others, b->s.nr_others);
	VEC(cpus_v, b->s.cpus, b->s.nr_cpus);
	VEC(odd_v, b->s.odd, b->s.nr_odd);
	VEC(descs_v, b->descs, b->nr_descs);
	VEC(domains_v, b->s.domains, b->s.nr_domains);
#undef VEC
	*out = &b->s;
	return 0;
}

void snapshot__free(struct snapshot *s)
{
	struct building *b = of(s);
	struct shared *sh, *next;

	if (!s)
		return;
	HASH_ITER(hh, b->shared, sh, next) {
		HASH_DEL(b->shared, sh);
		free(sh);
	}
	free(s->devices);
	free(s->vectors);
	free(s->others);
	free(s->cpus);
	free(s->odd);
	free(s->domains);
	free(b->named);
	free(b->before);
	free(b->last_odd);
	free(b->descs);
	free(b);
}

/* --- events ------------------------------------------------------------------------------- */

static struct snap_device *last_named(struct building *b, uint64_t dev)
{
	size_t i;

	for (i = b->nr_named; i-- > 0;)
		if (b->named[i].dev == dev)
			return &b->named[i];
	return NULL;
}

/* A device is told of once, or again when its driver has changed.  */
static int take_device(struct building *b, const struct msi_ev_dev_info *e)
{
	struct snap_device *d = last_named(b, e->h.dev) ?: push(&b->named_v);

	if (!d)
		return -ENOMEM;
	d->has_md = e->md != 0;
	d->dev = e->h.dev;
	d->known = true;
	str_copy(d->name, sizeof(d->name), e->name);
	str_copy(d->driver, sizeof(d->driver), e->driver);
	return 0;
}

static int take_entry(struct building *b, const struct msi_ev_store_entry *e)
{
	struct desc *d;

	if (!b->list || e->list != b->list || e->flags & MSI_DESC_FOREIGN)
		return 0;
	d = push(&b->descs_v);
	if (!d)
		return -ENOMEM;
	d->dev = e->h.dev;
	d->desc = e->desc;
	d->index = e->index;
	d->irq = e->irq;
	d->nvec = e->nvec_used < NVEC_MAX ? e->nvec_used : NVEC_MAX;
	d->flags = e->flags;
	return 0;
}

static void take_store_end(struct building *b, const struct msi_ev_store_end *e)
{
	struct snap_device *d = last_named(b, e->h.dev);

	if (b->list && e->list == b->list) {
		if (d)
			d->has_store = !e->cut;
		if (e->cut)
			b->lost = true;
	}
	b->list = 0;
}

static uint32_t state_of(const struct msi_ev_irq_look *e)
{
	static const struct { uint32_t irqd, state; } same[] = {
		{ MSI_IRQD_STARTED, SNAP_STARTED },
		{ MSI_IRQD_MASKED, SNAP_MASKED },
		{ MSI_IRQD_DISABLED, SNAP_DISABLED },
		{ MSI_IRQD_MANAGED, SNAP_MANAGED },
		{ MSI_IRQD_MANAGED_SHUTDOWN, SNAP_SHUTDOWN },
		{ MSI_IRQD_SETAFFINITY_PENDING, SNAP_PENDING },
	};
	uint32_t st = e->now_irqd & MSI_IRQD_ACTIVATED ? SNAP_ACTIVE : SNAP_ALLOCATED;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(same); i++)
		if (e->now_irqd & same[i].irqd)
			st |= same[i].state;
	if (e->now_books & MSI_BOOKS_RESERVED)
		st |= SNAP_RESERVED;
	if (e->left)
		st |= SNAP_MOVING;
	if (e->desc && !(e->now_flags & MSI_DESC_STATE_KNOWN))
		st |= SNAP_CHANGING;
	return st;
}

/* Without the books of x86, and for one CPU only, the mask says it.  */
static uint32_t cpu_of(const struct msi_ev_irq_look *e)
{
	if (e->held)
		return e->held_at;
	if (e->now_books & MSI_BOOKS_KNOWN || !e->effective || e->effective & (e->effective - 1))
		return SNAP_UNKNOWN;
	return __builtin_ctzll(e->effective);
}

/* intel_irq_remapping_alloc(), drivers/iommu/intel/irq_remapping.c: the first entry of a multi-MSI, and which of it.  */
static uint32_t irte_of(const struct msi_ev_irq_look *e)
{
	static const char intel[] = "INTEL-IR-";

	if (strncmp(e->parent, intel, sizeof(intel) - 1))
		return SNAP_UNKNOWN;
	return (e->parent_hwirq >> 16) + (e->parent_hwirq & 0xffff);
}

static int take_irq(struct building *b, const struct msi_ev_irq_look *e)
{
	struct snap_vector *v = push(e->desc ? &b->vectors_v : &b->others_v);

	if (!v)
		return -ENOMEM;
	v->dev = e->desc ? e->h.dev : 0;
	v->desc = e->desc;
	v->looked = true;
	v->irq = e->irq;
	v->offset = e->now_offset;
	v->index = e->desc ? e->index + e->now_offset : SNAP_UNKNOWN;
	v->flags = e->now_flags;
	v->movable = !(e->now_irqd & (MSI_IRQD_NO_AFFINITY | MSI_IRQD_MANAGED));
	v->deferred = !(e->now_irqd & MSI_IRQD_MOVE_PCNTXT);
	v->state = state_of(e);
	v->books = e->now_books;
	v->vector = e->held ?: SNAP_UNKNOWN;
	v->cpu = cpu_of(e);
	v->left = e->left ?: SNAP_UNKNOWN;
	v->left_cpu = e->left ? e->left_at : SNAP_UNKNOWN;
	v->hwirq = e->hwirq;
	v->fired = e->fired;
	v->handler = e->handler;
	v->thread_fn = e->thread_fn;
	v->domain = share(b, e->domain);
	v->parent = share(b, e->parent);
	v->above = share(b, e->above);
	v->top = share(b, e->top);
	v->irte = irte_of(e);
	v->chip = share(b, e->chip);
	v->actions = share(b, e->actions[0] ? e->actions : e->name);
	return v->domain && v->parent && v->above && v->top && v->chip && v->actions ? 0 : -ENOMEM;
}

static int take_cpu(struct building *b, const struct msi_ev_matrix_cpu *e)
{
	struct snap_cpu *c;

	if (e->sample != b->sample)
		b->s.nr_cpus = 0;
	b->sample = e->sample;
	c = push(&b->cpus_v);
	if (!c)
		return -ENOMEM;
	c->cpu = e->at;
	c->online = e->online;
	c->removable = e->removable;
	c->available = e->available;
	c->allocated = e->allocated;
	c->managed = e->managed;
	c->managed_allocated = e->managed_allocated;
	c->taken[0] = e->taken0;
	c->taken[1] = e->taken1;
	c->taken[2] = e->taken2;
	c->taken[3] = e->taken3;
	return 0;
}

/* What a CPU has of vectors, is what it had.  */
static bool same_vectors(const struct building *b)
{
	size_t i;

	if (b->nr_before != b->s.nr_cpus)
		return false;
	for (i = 0; i < b->nr_before; i++)
		if (b->before[i].cpu != b->s.cpus[i].cpu ||
		    memcmp(b->before[i].taken, b->s.cpus[i].taken, sizeof(b->before[i].taken)))
			return false;
	return true;
}

static int note_before(struct building *b)
{
	struct snap_cpu *c;
	size_t i;

	b->nr_before = 0;
	for (i = 0; i < b->s.nr_cpus; i++) {
		c = push(&b->before_v);
		if (!c)
			return -ENOMEM;
		*c = b->s.cpus[i];
	}
	return 0;
}

/* Less than the kernel says, if there are more CPUs than are looked at.  */
static uint32_t nr_online(const struct snapshot *s)
{
	uint32_t n = 0;

	for (size_t i = 0; i < s->nr_cpus; i++)
		n += s->cpus[i].online;
	return n;
}

/* Before the interrupts were looked at, and after.  */
static int take_matrix(struct building *b, const struct msi_ev_matrix *e)
{
	/* CPUs of which a row is missing would be vectors that nobody has.  */
	bool whole = e->cpus && e->cpus == b->s.nr_cpus && e->sample == b->sample && e->stable &&
		     e->online == nr_online(&b->s);

	b->s.reserved = e->reserved;
	if (!e->irqs)
		return note_before(b);
	b->s.quiet = whole && e->irqs_stable && same_vectors(b);
	return 0;
}

static int take_domain(struct building *b, const struct msi_ev_domain_look *e)
{
	struct snap_domain *d;

	if (!e->order)
		b->s.nr_domains = 0;
	b->s.has_domains = e->last && e->order == b->s.nr_domains;
	d = push(&b->domains_v);
	if (!d)
		return -ENOMEM;
	d->domain = e->domain;
	d->mapped = e->mapped;
	d->name = share(b, e->name);
	d->parent = share(b, e->parent);
	return d->name && d->parent ? 0 : -ENOMEM;
}

/* A look begins: what came before is void, but for the names.  */
static void begin(struct building *b)
{
	size_t i;

	b->s.nr_vectors = b->s.nr_others = b->s.nr_cpus = b->s.nr_devices = b->s.nr_odd = b->nr_descs = b->nr_before = 0;
	b->s.nr_domains = 0;
	b->s.quiet = b->s.torn = b->s.has_domains = b->ended = b->lost = false;
	b->list = 0;
	for (i = 0; i < b->nr_named; i++)
		b->named[i].has_store = false;
}

int snapshot__event(struct snapshot *s, const struct msi_event_hdr *e)
{
	struct building *b = of(s);

	switch (e->type) {
	case MSI_EV_BASELINE:
		if (!((const struct msi_ev_baseline *)e)->phase)
			begin(b);
		else
			b->ended = true;
		return 0;
	case MSI_EV_DEV_INFO:
		return take_device(b, (const void *)e);
	case MSI_EV_STORE_BEGIN:
		b->list = ((const struct msi_ev_store_begin *)e)->why == MSI_EV_BASELINE ?
				  ((const struct msi_ev_store_begin *)e)->list : 0;
		return 0;
	case MSI_EV_STORE_ENTRY:
		return take_entry(b, (const void *)e);
	case MSI_EV_STORE_END:
		take_store_end(b, (const void *)e);
		return 0;
	case MSI_EV_IRQ_LOOK:
		return take_irq(b, (const void *)e);
	case MSI_EV_MATRIX_CPU:
		return take_cpu(b, (const void *)e);
	case MSI_EV_MATRIX:
		return take_matrix(b, (const void *)e);
	case MSI_EV_DOMAIN_LOOK:
		return take_domain(b, (const void *)e);
	case MSI_EV_LOST:
		b->lost |= ((const struct msi_ev_lost *)e)->count != 0;
		return 0;
	}
	return 0;
}

/* --- joined ------------------------------------------------------------------------------- */

#define CMP(a, b) (((a) > (b)) - ((a) < (b)))

static int by_desc(const void *pa, const void *pb)
{
	const struct desc *a = pa, *b = pb;

	return CMP(a->desc, b->desc);
}

static int by_dev(const void *pa, const void *pb)
{
	const struct snap_device *a = *(struct snap_device *const *)pa, *b = *(struct snap_device *const *)pb;

	return CMP(a->dev, b->dev);
}

static int by_name(const void *pa, const void *pb)
{
	const struct snap_device *a = pa, *b = pb;

	return strcmp(a->name, b->name) ?: CMP(a->dev, b->dev);
}

static int by_cpu(const void *pa, const void *pb)
{
	const struct snap_cpu *a = pa, *b = pb;

	return CMP(a->cpu, b->cpu);
}

static int by_irq(const void *pa, const void *pb)
{
	const struct snap_vector *a = pa, *b = pb;

	return CMP(a->irq, b->irq);
}

static int by_place(const void *pa, const void *pb)
{
	const struct snap_vector *a = pa, *b = pb;

	return CMP(a->device, b->device) ?: CMP(a->index, b->index) ?: CMP(a->irq, b->irq) ?:
	       CMP(a->desc, b->desc);
}

/* qsort() wants no NULL.  */
static void sort(void *items, size_t nr, size_t size, int (*cmp)(const void *, const void *))
{
	if (nr)
		qsort(items, nr, size, cmp);
}

static struct desc *find_desc(struct building *b, uint64_t desc)
{
	struct desc key = { .desc = desc };

	return b->nr_descs ? bsearch(&key, b->descs, b->nr_descs, sizeof(key), by_desc) : NULL;
}

/* Rows for what descriptors have, and no interrupt was looked at for.  */
static int add_unseen(struct building *b, const struct desc *d)
{
	struct snap_vector *v;
	uint32_t i;

	for (i = 0; i < d->nvec; i++) {
		if (d->seen & (1u << i))
			continue;
		v = push(&b->vectors_v);
		if (!v)
			return -ENOMEM;
		v->dev = d->dev;
		v->desc = d->desc;
		v->index = d->index + i;
		v->offset = i;
		v->irq = d->irq ? d->irq + i : SNAP_UNKNOWN;
		v->flags = d->flags;
		v->state = d->irq ? 0 : SNAP_NO_IRQ;
		v->vector = v->cpu = v->left = v->left_cpu = SNAP_UNKNOWN;
		v->domain = v->parent = v->above = v->top = v->chip = v->actions = "";
		v->irte = SNAP_UNKNOWN;
		b->s.torn |= d->irq != 0;	/* freed since, or not there yet */
	}
	return 0;
}

static int join(struct building *b)
{
	size_t i;
	int err = 0;

	sort(b->descs, b->nr_descs, sizeof(*b->descs), by_desc);
	for (i = 0; i < b->s.nr_vectors; i++) {
		struct snap_vector *v = &b->s.vectors[i];
		struct desc *d = find_desc(b, v->desc);

		v->in_store = d && v->offset < d->nvec;
		if (v->in_store)
			d->seen |= 1u << v->offset;
	}
	for (i = 0; i < b->nr_descs && !err; i++)
		err = add_unseen(b, &b->descs[i]);
	return err;
}

static struct snap_device *find_device(struct snap_device **index, size_t nr, uint64_t dev)
{
	struct snap_device key = { .dev = dev }, *pkey = &key, **found;

	found = nr ? bsearch(&pkey, index, nr, sizeof(*index), by_dev) : NULL;
	return found ? *found : NULL;
}

/* Devices as they are found by their address; the caller's to free.  NULL: there is no memory.  */
static struct snap_device **index_devices(struct snap_device *devices, size_t nr)
{
	struct snap_device **index = calloc(nr + 1, sizeof(*index));
	size_t i;

	for (i = 0; index && i < nr; i++)
		index[i] = &devices[i];
	if (index)
		sort(index, nr, sizeof(*index), by_dev);
	return index;
}

static int by_owner(const void *pa, const void *pb)
{
	const struct snap_vector *a = pa, *b = pb;

	return CMP(a->dev, b->dev);
}

/* The devices that have a store, or a vector; one whose name was lost as well.  */
static int list_devices(struct building *b)
{
	__cleanup_free struct snap_device **index = index_devices(b->named, b->nr_named);
	struct snap_device *d, *named;
	size_t i, k = 0;

	if (!index)
		return -ENOMEM;
	sort(b->s.vectors, b->s.nr_vectors, sizeof(*b->s.vectors), by_owner);
	for (i = 0; i < b->nr_named; i++) {
		if (!b->named[i].has_store)
			continue;
		d = push(&b->devices_v);
		if (!d)
			return -ENOMEM;
		*d = b->named[i];
	}
	for (i = 0; i < b->s.nr_vectors; i = k) {
		uint64_t dev = b->s.vectors[i].dev;

		for (k = i; k < b->s.nr_vectors && b->s.vectors[k].dev == dev; k++)
			;
		named = find_device(index, b->nr_named, dev);
		if (named && named->has_store)
			continue;
		d = push(&b->devices_v);
		if (!d)
			return -ENOMEM;
		if (named)
			*d = *named;
		d->dev = dev;
	}
	sort(b->s.devices, b->s.nr_devices, sizeof(*b->s.devices), by_name);
	return 0;
}

bool snap_is_vfio(const struct snap_device *d)
{
	return strstr(d->driver, MSI_VFIO_DRIVER);
}

/*
 * "Allocated interrupts are maintained, essentially forming a cache" (vfio_msi_set_vector_signal() in
 * drivers/vfio/pci/vfio_pci_intrs.c), until MSI-X is disabled; those of MSI go all at once.
 */
static bool is_in_cache(struct building *b, const struct snap_device *d, const struct snap_vector *v)
{
	const struct desc *desc;

	if (!v->looked || !(v->flags & MSI_DESC_MSIX) || !snap_is_vfio(d))
		return false;
	desc = find_desc(b, v->desc);
	return !d->has_store || (desc && desc->flags & MSI_DESC_ENABLED);
}

static void count(struct snap_device *d, const struct snap_vector *v)
{
	d->of_vfio += v->of_vfio;
	d->flags |= v->flags;
	d->in_books |= v->books & MSI_BOOKS_KNOWN;
	d->irqs += v->irq != SNAP_UNKNOWN;
	d->vectors += (v->vector != SNAP_UNKNOWN) + (v->left != SNAP_UNKNOWN);
	d->reserved += !!(v->books & MSI_BOOKS_RESERVED);
	d->requested += v->handler != 0;
	d->fired += v->fired != 0;
}

static int own(struct building *b)
{
	__cleanup_free struct snap_device **index = NULL;
	struct snap_device *d;
	size_t i;
	int err = list_devices(b);

	if (err)
		return err;
	index = index_devices(b->s.devices, b->s.nr_devices);
	if (!index)
		return -ENOMEM;
	for (i = 0; i < b->nr_descs; i++) {
		d = find_device(index, b->s.nr_devices, b->descs[i].dev);
		if (d)
			d->descs++;
	}
	for (i = 0; i < b->s.nr_vectors; i++) {
		struct snap_vector *v = &b->s.vectors[i];

		d = find_device(index, b->s.nr_devices, v->dev);
		v->device = d;
		if (!d->has_md && !(v->flags & MSI_DESC_PCI))
			v->index = SNAP_UNKNOWN;	/* before 5.17: of PCI only */
		b->s.torn |= d->has_store && v->looked && !v->in_store;
		v->of_vfio = is_in_cache(b, d, v);
		if (v->of_vfio && !v->handler && !(v->state & SNAP_STARTED))
			v->state |= SNAP_KEPT;
		count(d, v);
	}
	sort(b->s.vectors, b->s.nr_vectors, sizeof(*b->s.vectors), by_place);
	return 0;
}

/* --- the ledger --------------------------------------------------------------------------- */

struct snap_cpu *snapshot__cpu(const struct snapshot *s, uint32_t cpu)
{
	struct snap_cpu key = { .cpu = cpu };

	return s->nr_cpus ? bsearch(&key, s->cpus, s->nr_cpus, sizeof(key), by_cpu) : NULL;
}

static int odd(struct building *b, uint32_t cpu, uint32_t vector, bool taken)
{
	struct snap_odd *o = push(&b->odd_v);

	if (!o)
		return -ENOMEM;
	*o = (struct snap_odd){ .cpu = cpu, .vector = vector, .taken = taken };
	return 0;
}

/* Somebody holds a vector: it must be taken, and be nobody else's.  left[] is what is still to be explained.  */
static int hold(struct building *b, uint64_t (*left)[4], uint32_t cpu, uint32_t vector, bool msi)
{
	struct snap_cpu *c = snapshot__cpu(&b->s, cpu);
	uint64_t *word, bit;

	if (vector == SNAP_UNKNOWN)
		return 0;
	if (!c || vector >= VECTORS)
		return odd(b, cpu, vector, false);
	word = &left[c - b->s.cpus][vector / 64];
	bit = 1ull << vector % 64;
	if (!(*word & bit))
		return odd(b, cpu, vector, false);
	*word &= ~bit;
	if (msi)
		c->msi++;
	else
		c->other++;
	return 0;
}

static int hold_all(struct building *b, uint64_t (*left)[4], const struct snap_vector *v, size_t nr, bool msi)
{
	size_t i;
	int err = 0;

	for (i = 0; i < nr && !err; i++) {
		err = hold(b, left, v[i].cpu, v[i].vector, msi);
		err = err ?: hold(b, left, v[i].left_cpu, v[i].left, msi);
		b->s.irqs_reserved += !!(v[i].books & MSI_BOOKS_RESERVED);
	}
	return err;
}

/*
 * At boot, each ISA interrupt has its vector on CPU 0, which goes with the first thing that is done to the
 * interrupt.  Those that no interrupt was ever made for keep it.
 */
static bool is_legacy(const struct building *b, uint32_t cpu, uint32_t vector)
{
	struct snap_vector key = { .irq = vector - ISA_VECTOR };

	if (cpu || vector < ISA_VECTOR || vector >= ISA_VECTOR + ISA_IRQS)
		return false;
	return !b->s.nr_others || !bsearch(&key, b->s.others, b->s.nr_others, sizeof(key), by_irq);
}

static int explain(struct building *b, struct snap_cpu *c, const uint64_t *left)
{
	uint32_t vector;
	int err = 0;

	for (vector = 0; vector < VECTORS && !err; vector++) {
		if (!(left[vector / 64] >> vector % 64 & 1))
			continue;
		if (is_legacy(b, c->cpu, vector)) {
			c->legacy++;
			continue;
		}
		c->unexplained++;
		err = odd(b, c->cpu, vector, true);
	}
	return err;
}

static int add_up(struct building *b)
{
	__cleanup_free uint64_t (*left)[4] = calloc(b->s.nr_cpus + 1, sizeof(*left));
	size_t i;
	int err = 0;

	if (!left)
		return -ENOMEM;
	sort(b->s.cpus, b->s.nr_cpus, sizeof(*b->s.cpus), by_cpu);
	sort(b->s.others, b->s.nr_others, sizeof(*b->s.others), by_irq);
	for (i = 0; i < b->s.nr_cpus; i++)
		memcpy(left[i], b->s.cpus[i].taken, sizeof(left[i]));
	b->s.irqs_reserved = 0;
	if (!b->s.nr_cpus)
		return 0;
	err = hold_all(b, left, b->s.vectors, b->s.nr_vectors, true);
	err = err ?: hold_all(b, left, b->s.others, b->s.nr_others, false);
	for (i = 0; i < b->s.nr_cpus && !err; i++)
		err = explain(b, &b->s.cpus[i], left[i]);
	return err;
}

/* What does not add up may be a move that was half seen: it is so only when it is so twice.  */
static int confirm(struct building *b)
{
	int64_t reserved = b->s.nr_cpus ? (int64_t)b->s.reserved - b->s.irqs_reserved : 0;
	bool any = b->s.nr_odd || reserved, same = reserved == b->last_reserved && b->s.nr_odd == b->nr_last_odd;
	struct snap_odd *o;
	size_t i;

	for (i = 0; same && i < b->s.nr_odd; i++)
		same = b->s.odd[i].cpu == b->last_odd[i].cpu && b->s.odd[i].vector == b->last_odd[i].vector &&
		       b->s.odd[i].taken == b->last_odd[i].taken;
	b->s.again = b->s.torn || !b->s.complete || (any && !(b->s.quiet && same));
	if (any && !same)
		b->s.quiet = false;
	b->nr_last_odd = 0;
	b->last_reserved = reserved;
	for (i = 0; i < b->s.nr_odd; i++) {
		o = push(&b->last_odd_v);
		if (!o)
			return -ENOMEM;
		*o = b->s.odd[i];
	}
	return 0;
}

int snapshot__finish(struct snapshot *s)
{
	struct building *b = of(s);
	int err;

	s->complete = b->ended && !b->lost;
	err = join(b);
	err = err ?: own(b);
	err = err ?: add_up(b);
	s->quiet = s->quiet && s->complete && !s->torn;
	return err ?: confirm(b);
}
