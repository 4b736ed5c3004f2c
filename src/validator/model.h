/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Shadow state: what the kernel's MSI structures look like, as far as the events tell.
 *
 *	device -> MSI data -> descriptors -> virqs (with their handler)
 *	MSI data -> who holds the mutex, which iterations run
 *
 * The model judges nothing but iterations (iter.c: two rules share that machine); it says what is
 * known and, as important, what is not: UNKNOWN is neither good nor bad.
 *
 * One event is taken in three steps: model__before() adds what the event adds and finds the objects
 * that it speaks of (struct scene), the rules look, model__after() removes what the event ends.
 */
#ifndef MSITRACE_VALIDATOR_MODEL_H
#define MSITRACE_VALIDATOR_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "msitrace/rule.h"
#include "link.h"
#include "lock_graph.h"
#include "map.h"
#include "moment.h"
#include "stackdepot.h"

#define TOMBSTONES_MAX 4096	/* freed descriptors that are remembered */
#define LISTS_MAX 64		/* STORE lists in flight */
#define LIST_ENTRIES_MAX 65536
#define BINDS_MAX 256		/* probe and remove calls in flight */
/* Bounds on what one event may walk through: far above what kernels do, so that only a forged
 * stream meets them, and then costs time in proportion to its length.  */
#define HELD_MAX 1024		/* mutexes held at once */
#define ANON_MAX 4096		/* insertions without address, per device */
#define RANGE_WALK_MAX 4096	/* descriptors that a free whose list is missing is compared with */
#define DEVICES_MAX 8192		/* from so many on, those of which nothing is left are forgotten */
#define DEVICE_VIRQS_MAX 16384	/* virqs that are judged when a driver goes */
#define IRQ_ALLOC_MAX 256	/* virqs of one allocation that are compared with the shadow */
#define CPUS_MAX 8192		/* NR_CPUS is at most that */
#define MATRIX_LISTS_MAX 32	/* of a look */
#define ITER_DEPTH 8		/* iterations remembered per lock section */
#define ITER_SITES 4		/* call sites of next() remembered per iteration */

/* MSI-X is taken from the handlers of vfio and enabled anew, see vfio_msix_resize_gap.  */
enum resize_phase {
	RESIZE_NONE,
	RESIZE_TAKING,		/* handlers are removed */
	RESIZE_OFF,		/* vectors are freed */
	RESIZE_LARGER,		/* there are more than before, not requested yet */
};

#define RESIZE_RECENT_NS 10000000	/* a handler that was called so long ago is in use */

struct resize {
	enum resize_phase phase;
	uint32_t epoch;		/* model::resize_epoch */
	bool had_known;
	uint32_t had, got;	/* vectors before and after */
	uint32_t removed;	/* handlers */
	uint32_t active, unknown; /* of them: were called shortly before; may have been */
	uint64_t fired_ns;	/* the shortest time before */
	uint64_t off_ns, on_ns;	/* when the first vector was freed, when there were new ones */
	struct moment taken, enabled;
};

/* The last try of the PCI core to set up interrupts of a device.  */
struct pci_try {
	bool known;
	uint32_t tid, epoch;	/* model::try_epoch */
	uint32_t cap, nvec;
	int32_t ret;
	bool listed;		/* the descriptors are known, of which */
	uint32_t spread, plain;	/* have a CPU mask, have none */
	struct moment when;
};

struct device {
	uint64_t ptr;
	uint64_t serial;	/* tells the devices apart that one address has had */
	uint32_t refs;
	bool gone;		/* another device has the address now */
	bool probe_seen, probe_failed, remove_seen;
	uint32_t bind_epoch;
	uint32_t vectors_epoch;	/* model::virq_epoch at the last probe; 0: none was seen */
	uint32_t info_epoch;	/* model::info_epoch when its driver was named */
	uint64_t probe_seq;	/* model::seq at the last probe */
	uint32_t nr_virqs;	/* on the list */
	uint32_t vectors;	/* that were alive at some time since the driver was bound */
	uint32_t held;		/* x86 vectors that vectors_held() counts */
	struct msi_data *md;
	struct link virqs;
	struct moment probed, removed;
	struct resize resize;
	uint64_t vfio_ns;	/* when vfio requested the first since MSI-X was enabled; 0: none */
	uint32_t vfio_epoch;	/* model::resize_epoch then */
	struct pci_try tried;
	char name[MSI_NAME_LEN];
	char driver[MSI_NAME_LEN];
};

enum lock_state { LOCK_STATE_UNKNOWN, LOCK_STATE_FREE, LOCK_STATE_HELD };

enum iter_state {
	ITER_UNKNOWN,		/* attached or lost something in the middle of a section */
	ITER_IDLE,		/* no first() yet in this section */
	ITER_ACTIVE,
	ITER_DONE,		/* the last call returned NULL */
};

/* One use of first() and the calls of next() that continue it.  */
struct iteration {
	uint64_t site;		/* return address of first() */
	uint64_t fn;		/* start of the calling function, 0: not known */
	uint64_t frame;		/* hash of the stack above the calling function, 0: not known */
	struct {
		uint64_t site, frame;
	} next[ITER_SITES];	/* calls of next() that continued it */
	uint64_t cycle, last_cycle; /* hash of what happened since first(), and the time before */
	uint32_t repeats;	/* restarts that did what the one before had done */
	uint32_t domid, filter, index;
	uint32_t yields;
	bool open;		/* it did not run to its end */
	bool loops;		/* first() and next() were called by one function */
	struct moment first;
};

struct iter {
	enum iter_state state;
	bool exact;		/* everything since the section began was seen */
	uint8_t nr;
	uint32_t epoch;
	struct iteration it[ITER_DEPTH];	/* the running one is the last */
};

enum call_state {
	CALL_NONE,
	CALL_OPEN,		/* entered, not yet returned */
	CALL_UNDOING,		/* failed; its caller undoes what it did */
	CALL_UNDONE,		/* that is done, as far as can be seen */
	CALL_FAILED,		/* over; the lock section is not */
};

/* The outermost call that allocates interrupts of a device, see enum msi_call_bracket.  */
struct alloc_call {
	enum call_state state;
	uint32_t epoch;
	int32_t ret;
	uint64_t seq;		/* model::seq when it was entered */
	struct moment entered;
	struct msi_ev_alloc ev;
};

struct msi_data {
	uint64_t ptr;
	struct device *dev;	/* may be NULL */
	struct link descs, anon;	/* anon: inserted, address not known */
	uint32_t nr_descs, nr_anon;
	uint64_t changes;	/* of the store */
	bool whole;		/* descs and anon are all that was inserted, */
	uint32_t whole_epoch;	/* if this is model::desc_epoch: see md_is_whole() */
	enum lock_state lock;
	uint32_t owner_tid;
	uint32_t released_tid;	/* who released it last, 0: not known */
	uint32_t released_epoch; /* model::iter_epoch then */
	uint64_t free_seq;	/* of a FREE in this lock section, 0: none */
	uint32_t free_epoch;	/* model::call_epoch then */
	bool own_domain;	/* an irq domain was made for it */
	uint32_t domain_epoch;	/* model::data_epoch then */
	struct moment domain_made;
	bool lock_history;	/* a LOCK or UNLOCK was seen */
	bool section_reported;	/* lock_unbalanced has spoken about this section */
	uint64_t section_seq;	/* model::seq when it was taken */
	uint64_t wait_ns;	/* of the section: before it was taken, 0: not measured */
	struct link held;
	struct moment setup, locked;
	struct moment waiting;	/* of the section: who asked for the mutex last */
	struct alloc_call *call;	/* NULL: none was seen yet */
	uint64_t *used;		/* bitmap of the indices that may be in use: says where to look */
	uint32_t used_words;
	struct iter iter;
};

/* The last message that was written since the interrupt was associated.  */
struct written {
	uint32_t epoch;		/* model::msg_epoch */
	bool known;
	uint32_t lo, hi, data;
	uint32_t multiple, nvec;	/* of the descriptor, when it was written */
	struct moment when;
};

struct desc {
	uint64_t addr;		/* 0: not known */
	struct device *dev;	/* may be NULL */
	struct msi_data *md;	/* NULL: not known, or freed */
	struct link node;	/* msi_data::descs or ::anon, model::tombstones when freed */
	uint32_t index, irq, nvec;
	uint16_t domid;
	bool freed;
	uint32_t epoch;		/* model::desc_epoch at insertion */
	uint32_t virq_epoch;	/* the same: irq is 0 only if it had none since */
	uint64_t seq;		/* model::seq at insertion, 0: before attaching */
	bool dead;		/* the memory is gone, and nobody has told the store */
	uint64_t freed_seq;	/* of freed or dead */
	uint64_t irq_freed_seq;	/* of a free of its interrupt, 0: none was seen since it got one */
	struct moment inserted, freed_at;
	struct written written;
};

/* The irq domains that an interrupt is in, as its last activation showed them.  */
struct hierarchy {
	uint64_t domain, root;	/* 0: not known */
	uint32_t depth;
	bool remapped;
};

/* Who wanted an interrupt on other CPUs, last.  */
struct aff_asked {
	bool pending;		/* it has not been set since */
	uint32_t epoch;		/* model::ask_epoch */
	uint64_t cpus, fired;	/* of AFF_ASK; 0 if that was before attaching */
	struct moment when;
};

struct virq {
	uint32_t irq, index;
	uint32_t epoch;
	bool freed;		/* kept until the baseline is complete */
	bool reported;		/* as leaked */
	bool listed;		/* on device::virqs */
	bool action_known;	/* a live event told about the handler */
	bool reserved;		/* activated in reservation mode: placeholder is known */
	uint32_t placeholder;	/* data that its message had then */
	bool used;		/* a handler was asked for since it exists, or there was one */
	bool reserves;		/* activated in reservation mode, and not since */
	bool use_judged;	/* by vec_never_requested */
	bool state_known;	/* irqd and flags are the last that were seen */
	uint32_t irqd, flags;	/* MSI_IRQD_*, MSI_DESC_* */
	uint32_t use_epoch;
	uint32_t start_epoch;	/* model::start_epoch */
	uint64_t unmasked_ns;	/* when it was unmasked last, 0: not seen */
	uint64_t seq;		/* model::seq at association */
	uint64_t desc;
	struct device *dev;	/* may be NULL */
	struct link node;	/* device::virqs */
	uint64_t handler;
	char name[MSI_ACTION_LEN];
	struct {
		bool known;		/* a write was seen */
		uint32_t lo, hi, data;	/* of the first virq of the descriptor */
	} msg;
	struct hierarchy in;
	uint32_t writes;	/* messages written while it is activated; since that is over 0, if */
	uint32_t writes_epoch;	/* this is model::use_epoch */
	struct moment associated, activated, requested;
	struct aff_asked asked;
};

struct store_row {
	uint64_t desc;
	uint32_t index, irq, nvec;
	uint32_t flags, irqd;	/* MSI_DESC_*; MSI_IRQD_* of the first virq, if STATE_KNOWN */
	uint32_t assoc;		/* virqs that point back to it, or MSI_ASSOC_UNKNOWN */
	uint32_t msg_lo, msg_hi;
	uint32_t mask, default_irq, pci_irq;	/* as in the STORE_ENTRY */
	uint16_t domid;
};

struct store_list {
	bool used, complete, cut;
	bool settled;		/* of a baseline: nobody was changing the store when it began; known
				   only if no LOCK was lost (model::iter_epoch) */
	uint32_t id;
	uint32_t files;		/* enum msi_sysfs_files */
	bool contiguous;	/* its domain has MSI_FLAG_MSIX_CONTIGUOUS */
	uint16_t why, domid;
	uint64_t md;
	uint64_t ts_ns;		/* of its begin */
	uint64_t seq;
	uint32_t nr, room;
	struct store_row *rows;
};

struct bind_call {
	bool used;
	uint32_t tid, phase;	/* MSI_BIND_PROBE or MSI_BIND_REMOVE */
	uint64_t dev, seq;
};

/* The last look at the vectors of x86.  */
struct matrix_cpu {
	uint32_t cpu, available, allocated, managed, managed_allocated;
	bool online, removable;
};

/* Whose its vectors are.  */
struct matrix_list {
	uint32_t cpu, nr;
	uint32_t irq[MSI_CPU_VECTORS];	/* virqs; 0: none */
};

struct matrix {
	bool known;		/* complete, and what the counters were at ts_ns */
	bool stable;		/* the totals did not change while it was made */
	bool asked;		/* by a failure, in the middle of something */
	uint64_t ts_ns;
	uint32_t sample, available, reserved, allocated, online;
	uint32_t nr, room;
	struct matrix_cpu *cpus;
	uint32_t nr_lists, lists_room;	/* of some CPUs: those that are full, say */
	struct matrix_list *lists;
};

enum iter_verdict {
	ITER_NOT_JUDGED,
	ITER_GOOD,
	ITER_NO_FIRST,		/* next() without an iteration */
	ITER_AFTER_END,		/* next() after NULL */
	ITER_TAKEN_OVER,	/* next() of an iteration that another first() has ended */
	ITER_OTHER_DOMAIN,	/* next() with another domain id than first() */
	ITER_RESTARTS,		/* the same, over and over: it never ends */
};

/* What an event speaks of.  Pointers are NULL when the model does not know the object.  */
struct scene {
	struct device *dev;
	struct msi_data *md;
	struct desc *desc;	/* may be freed */
	struct virq *virq;
	const struct store_list *list;
	struct lock_edge *edge;
	bool edge_news;		/* it may close a cycle */
	enum iter_verdict iter;
	bool has_outer;
	bool iter_goes_on;	/* NEXT of a running iteration, */
	uint32_t iter_before;	/* which had yielded this index */
	bool index_used;	/* INSERT: the index may have been in use */
	const struct alloc_call *call;	/* that one of these is about; else NULL */
	bool call_inside;	/* the call, or its caller undoing it, does this */
	bool call_failed;	/* a call that failed is over, before this event */
	bool call_left;		/* so is its lock section */
	uint64_t bind_seq;	/* of the call that this event ends, 0: not seen */
	/* Copies, valid when iter says that something is wrong.  Not cleared: too large.  */
	struct iteration outer, inner;
};

struct model {
	struct map devices, mds, descs, virqs;
	struct stackdepot *stacks;
	struct lock_graph locks;
	struct link held;	/* MSI data whose mutex is held, oldest first */
	uint32_t nr_held;
	struct link tombstones;	/* oldest first */
	uint32_t nr_tombstones;
	struct link orphans;	/* virqs without device */
	uint64_t seq;		/* events so far */
	uint64_t next_serial;
	uint32_t devices_room;	/* with so many, it is time to forget some */
	uint64_t anon_seq;	/* of the last insertion without address */
	/* Nothing of the kind goes unseen; set by the validator.  */
	bool insert_exact, irq_free_exact;
	bool baseline_begun, baseline_done;
	bool nomem;		/* model__after() could not remember */
	uint64_t begin_ns;	/* of the baseline: what existed before is at least as old */
	uint32_t iter_epoch, virq_epoch, bind_epoch, desc_epoch, call_epoch;
	uint32_t use_epoch;	/* of what tells whether an interrupt is used */
	uint32_t start_epoch;	/* of what tells since when an interrupt is started */
	uint32_t info_epoch;	/* of the names of drivers */
	uint32_t msg_epoch;	/* of struct written */
	/* When it began: */
	uint32_t baseline_epoch, baseline_use_epoch, baseline_start_epoch, baseline_desc_epoch;
	uint32_t ask_epoch;	/* of struct aff_asked */
	uint32_t aff_epoch, resize_epoch, books_epoch; /* the last: of who took or gave back a vector */
	uint32_t data_epoch;	/* of MSI device data and its irq domain */
	uint32_t try_epoch;	/* of struct pci_try */
	struct matrix matrix;
	struct store_list lists[LISTS_MAX];
	struct bind_call binds[BINDS_MAX];
	struct scene scene;
};

int model__init(struct model *m);
void model__destroy(struct model *m);

/* 0 or -ENOMEM.  */
int model__before(struct model *m, const struct msi_event_hdr *e);
int model__after(struct model *m, const struct msi_event_hdr *e);

/* Events of these types are missing from here on back to some earlier time.  */
void model__lost(struct model *m, event_mask_t types);

/* The message that the device has, as far as it was seen; NULL: another may have been written.  */
static inline const struct written *model__written(const struct model *m, const struct desc *d)
{
	return d && !d->freed && d->written.known && d->written.epoch == m->msg_epoch ? &d->written :
											NULL;
}

/* No descriptor of the store is unknown, unless it came there behind the back of the core.  */
static inline bool md_is_whole(const struct model *m, const struct msi_data *md)
{
	return md->whole && md->whole_epoch == m->desc_epoch && m->insert_exact &&
	       md->nr_descs <= RANGE_WALK_MAX && md->nr_anon < ANON_MAX;
}

struct device *model__device(const struct model *m, uint64_t ptr);	/* NULL: not known */
struct virq *model__virq(const struct model *m, uint32_t irq);		/* alive; NULL: not known */
/* The first interrupt of a live descriptor; NULL: it has none, or may have lost it unseen.  */
struct virq *model__virq_of(const struct model *m, const struct desc *d);
/* A live descriptor of [first, last], other than `not`; NULL: none known, or the store is huge.  */
struct desc *model__desc_at(const struct msi_data *md, uint16_t domid, uint32_t first, uint32_t last,
			    const struct desc *not);

/* iter.c.  `frame` of a FIRST or NEXT, `mo` of a FIRST.  */
void iter_reset(struct model *m, struct iter *it, bool exact);
void iter_forget(struct iter *it);
void iter_first(struct model *m, struct msi_data *md, const struct msi_ev_first *e,
		const struct moment *mo);
void iter_next(struct model *m, struct msi_data *md, const struct msi_ev_next *e, struct scene *sc);

/* alloc_call.c: before the rules look at an event, and after.  */
void call_ends(struct model *m, struct msi_data *md, bool section);
void call_returned(struct model *m, struct msi_data *md, const struct msi_ev_alloc_end *e);
void call_inside(struct model *m, struct msi_data *md, const struct msi_event_hdr *e);
int call_entered(struct model *m, struct msi_data *md, const struct msi_ev_alloc *e);
void call_desc_freed(struct model *m, struct msi_data *md, const struct msi_ev_desc_free *e);
void call_left(struct model *m, struct msi_data *md);

/* matrix.c */
int matrix_cpu(struct model *m, const struct msi_event_hdr *e);
int matrix_irqs(struct model *m, const struct msi_event_hdr *e);
int matrix_totals(struct model *m, const struct msi_event_hdr *e);

/* resize.c: what tells of a resize, in the order in which it comes; `done` until the next REQUEST is over. */
bool is_vfio_action(const char *name);
int resize_removed(struct model *m, const struct msi_ev_unrequest *ev);
void resize_freed(struct model *m, const struct msi_event_hdr *e);
int resize_enabled(struct model *m, const struct msi_ev_pci_enable *ev);
const struct resize *resize_done(const struct model *m, const struct device *dev);
void resize_requested(const struct model *m, const struct msi_event_hdr *e, const char *action);
/* It was made while vfio had others: nothing was torn down.  */
bool resize_added(const struct model *m, const struct device *dev, const struct virq *vq);

/* pci_try.c: PCI_ENABLE, and what of it was done for the call that a PCI_VECTORS ends; NULL: nothing, or not known. */
int pci_tried(struct model *m, const struct msi_ev_pci_enable *ev);
const struct pci_try *pci_try_of(const struct model *m, const struct msi_ev_pci_vectors *ev);

/* store_list.c */
int store_list_begin(struct model *m, const struct msi_ev_store_begin *e);
int store_list_entry(struct model *m, const struct msi_ev_store_entry *e);
void store_list_end(struct model *m, const struct msi_ev_store_end *e);
struct store_list *store_list_find(struct model *m, uint32_t id, uint16_t why);
void store_list_drop(struct store_list *sl);

/* objects.c: making and ending objects */
int moment_set(struct model *m, struct moment *mo, const struct msi_event_hdr *e,
	       const struct msi_stack *st);
void moment_before(struct moment *mo);
int device_get(struct model *m, uint64_t ptr, struct device **out);
void device_replace(struct model *m, struct device *dev);
void devices_forget(struct model *m);	/* nobody may hold a pointer to one */
int md_get(struct model *m, uint64_t ptr, uint64_t dev, struct msi_data **out);
void md_drop(struct model *m, struct msi_data *md);
void md_held(struct model *m, struct msi_data *md, uint32_t tid);
void md_released(struct model *m, struct msi_data *md, enum lock_state state);
int desc_new(struct model *m, uint64_t addr, struct msi_data *md, struct device *dev,
	     struct desc **out);
int desc_set_index(struct desc *d, uint32_t index);
bool md_index_used(const struct msi_data *md, uint32_t index);
void desc_drop(struct model *m, struct desc *d);
void desc_bury(struct model *m, struct desc *d);
void desc_revive(struct model *m, struct desc *d, struct msi_data *md);
int virq_get(struct model *m, uint32_t irq, struct device *dev, struct virq **out);
void virq_drop(struct model *m, struct virq *vq);
void virq_disown(struct model *m, struct virq *vq);
void desc_claim(struct desc *d, uint64_t addr);
void virq_forget_freed(struct model *m);
void device_put(struct device *dev);

#endif
