// SPDX-License-Identifier: GPL-2.0-only
/* `snapshot`: who has which vector now; one row per vector, device or CPU.  src/ledger makes the rows.  */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/table.h"
#include "base/util.h"
#include "format/words.h"
#include "look.h"
#include "session.h"
#include "snapshot_file.h"

#define CELL_LEN 192
struct listing {
	struct look look;
	struct table *table;
	struct snapshot_file *old;
};

/* A cell of a row, in buf or elsewhere; NULL: not known, or none.  */
typedef const char *cell_fn(const struct look *l, const void *row, char *buf, size_t size);

/* --- a vector ----------------------------------------------------------------------------- */

#define VECTOR_CELL(name) \
static const char *name(const struct look *l, const void *row, char *buf, size_t size) \
{ \
	const struct snap_vector *v = row; \
	(void)l; (void)buf; (void)size;

VECTOR_CELL(v_device)
	return cell_text(v->device->name);
}

VECTOR_CELL(v_driver)
	return cell_text(v->device->driver);
}

static const char *type(uint32_t flags)
{
	if (!(flags & MSI_DESC_PCI))
		return NULL;
	return flags & MSI_DESC_MSIX ? "MSI-X" : "MSI";
}

VECTOR_CELL(v_type)
	return type(v->flags);
}

VECTOR_CELL(v_domain)
	return cell_text(v->domain);
}

VECTOR_CELL(v_parent)
	return cell_text(v->parent);
}

/* "PCI-MSIX-0000:00:03.0 > INTEL-IR-0 > VECTOR" */
VECTOR_CELL(v_hierarchy)
	const char *const names[] = { v->domain, v->parent, v->above, v->top };
	size_t i, n = 0;

	for (i = 0; i < ARRAY_SIZE(names) && names[i][0] && n < size; i++)
		n += snprintf(buf + n, size - n, "%s%s", i ? " > " : "", names[i]);
	return n ? buf : NULL;
}

VECTOR_CELL(v_irte)
	return cell_number32(buf, size, v->irte);
}

VECTOR_CELL(v_chip)
	return cell_text(v->chip);
}

VECTOR_CELL(v_index)
	return cell_number32(buf, size, v->index);
}

VECTOR_CELL(v_virq)
	return cell_number32(buf, size, v->irq);
}

VECTOR_CELL(v_hwirq)
	return v->looked ? cell_number(buf, size, v->hwirq) : NULL;
}

VECTOR_CELL(v_vector)
	return cell_number32(buf, size, v->vector);
}

VECTOR_CELL(v_cpu)
	return cell_number32(buf, size, v->cpu);
}

VECTOR_CELL(v_old_vector)
	return cell_number32(buf, size, v->left);
}

VECTOR_CELL(v_old_cpu)
	return cell_number32(buf, size, v->left_cpu);
}

VECTOR_CELL(v_state)
	return snap_state_words(v->state, buf, size);
}

VECTOR_CELL(v_action)
	return cell_text(v->actions);
}

static const char *symbol(const struct look *l, uint64_t ip, bool module, char *buf, size_t size)
{
	struct symbol sym = {};

	if (!ip || collect__symbol(l->collect, ip, &sym))
		return NULL;
	if (module)
		str_copy(buf, size, sym.module[0] ? sym.module : "vmlinux");
	else
		str_copy(buf, size, sym.name);
	return buf;
}

VECTOR_CELL(v_handler)
	return symbol(l, v->handler, false, buf, size);
}

VECTOR_CELL(v_thread)
	return symbol(l, v->thread_fn, false, buf, size);
}

VECTOR_CELL(v_module)
	return symbol(l, v->handler, true, buf, size);
}

VECTOR_CELL(v_fired)
	return v->looked ? cell_number(buf, size, v->fired) : NULL;
}

#define NUM (TABLE_NUMBER | TABLE_DASH)
#define VECTOR_COLS(X) \
X("DEVICE", "device, by its name on its bus", TABLE_DASH, v_device) \
X("DRIVER", "driver that it is bound to", TABLE_DASH, v_driver) \
X("DOMAIN", "irq domain of the interrupt", TABLE_DASH, v_domain) \
VECTOR_MORE_COLS(X)

#define VECTOR_MORE_COLS(X) \
X("INDEX", "msi_index: which of the device's vectors", NUM, v_index) \
X("VIRQ", "number of the interrupt, as in /proc/interrupts", NUM, v_virq) \
X("HWIRQ", "number in its domain, as in /sys/kernel/irq/VIRQ/hwirq", NUM, v_hwirq) \
X("VECTOR", "x86 vector that it holds", NUM, v_vector) \
X("CPU", "CPU of that vector, or the one that it is sent to", NUM, v_cpu) \
X("STATE", "what it is, in words that msitrace(1) explains", TABLE_DASH, v_state) \
X("ACTION", "names of the actions, as in /proc/interrupts", TABLE_DASH, v_action) \
X("HANDLER", "function that handles it", TABLE_DASH, v_handler) \
X("MODULE", "module of that function; vmlinux: the kernel itself", TABLE_DASH, v_module) \
X("TYPE", "of PCI: MSI or MSI-X", TABLE_DASH | TABLE_HIDDEN, v_type) \
X("PARENT", "domain that its domain is on", TABLE_DASH | TABLE_HIDDEN, v_parent) \
X("HIERARCHY", "domains of the interrupt, from that of its device to the one that has its vector", TABLE_DASH | TABLE_HIDDEN, v_hierarchy) \
X("IRTE", "entry of it in the table of Intel's interrupt remapping", NUM | TABLE_HIDDEN, v_irte) \
X("CHIP", "irq chip", TABLE_DASH | TABLE_HIDDEN, v_chip) \
X("THREAD", "function of its thread", TABLE_DASH | TABLE_HIDDEN, v_thread) \
X("FIRED", "times that it fired", NUM | TABLE_HIDDEN, v_fired) \
X("OLDVECTOR", "x86 vector that it still holds where it was moved from", NUM | TABLE_HIDDEN, v_old_vector) \
X("OLDCPU", "CPU of that one", NUM | TABLE_HIDDEN, v_old_cpu)

/* --- a device ----------------------------------------------------------------------------- */

#define DEVICE_CELL(name) \
static const char *name(const struct look *l, const void *row, char *buf, size_t size) \
{ \
	const struct snap_device *d = row; \
	(void)l; (void)buf; (void)size;

DEVICE_CELL(d_device)
	return cell_text(d->name);
}

DEVICE_CELL(d_driver)
	return cell_text(d->driver);
}

DEVICE_CELL(d_type)
	return type(d->flags);
}

DEVICE_CELL(d_descs)
	return d->has_store ? cell_number(buf, size, d->descs) : NULL;
}

DEVICE_CELL(d_irqs)
	return cell_number(buf, size, d->irqs);
}

/* Whose vectors they are, only x86 says.  */
DEVICE_CELL(d_vectors)
	return d->in_books ? cell_number(buf, size, d->vectors) : NULL;
}

DEVICE_CELL(d_reserved)
	return d->in_books ? cell_number(buf, size, d->reserved) : NULL;
}

DEVICE_CELL(d_requested)
	return cell_number(buf, size, d->requested);
}

DEVICE_CELL(d_fired)
	return cell_number(buf, size, d->fired);
}

#define DEVICE_COLS(X) \
X("DEVICE", "device, by its name on its bus", TABLE_DASH, d_device) \
X("DRIVER", "driver that it is bound to", TABLE_DASH, d_driver) \
X("TYPE", "of PCI: MSI or MSI-X", TABLE_DASH, d_type) \
X("DESCS", "descriptors in its store", NUM, d_descs) \
X("IRQS", "interrupts that were allocated", NUM, d_irqs) \
X("VECTORS", "x86 vectors that they hold", NUM, d_vectors) \
X("RESERVED", "of the interrupts: hold a reservation, and no vector", NUM, d_reserved) \
X("REQUESTED", "of the interrupts: have a handler", NUM, d_requested) \
X("FIRED", "of the interrupts: have ever fired", NUM, d_fired)

/* --- a CPU -------------------------------------------------------------------------------- */

#define CPU_CELL(name) \
static const char *name(const struct look *l, const void *row, char *buf, size_t size) \
{ \
	const struct snap_cpu *c = row; \
	(void)l; (void)buf; (void)size;

CPU_CELL(c_cpu)
	return cell_number(buf, size, c->cpu);
}

CPU_CELL(c_online)
	return c->online ? "yes" : "no";
}

CPU_CELL(c_allocated)
	return cell_number(buf, size, c->allocated);
}

CPU_CELL(c_msi)
	return cell_number(buf, size, c->msi);
}

CPU_CELL(c_other)
	return cell_number(buf, size, c->other);
}

CPU_CELL(c_legacy)
	return cell_number(buf, size, c->legacy);
}

CPU_CELL(c_unexplained)
	return l->snap->quiet ? cell_number(buf, size, c->unexplained) : NULL;
}

CPU_CELL(c_available)
	return cell_number(buf, size, c->available);
}

CPU_CELL(c_managed)
	return cell_number(buf, size, c->managed);
}

CPU_CELL(c_managed_allocated)
	return cell_number(buf, size, c->managed_allocated);
}

#define CPU_COLS(X) \
X("CPU", "number of the CPU", NUM, c_cpu) \
X("ONLINE", "interrupts may go there", TABLE_BOOLEAN, c_online) \
X("ALLOCATED", "vectors that are taken: those of the next four columns", NUM, c_allocated) \
X("MSI", "of them: held by MSIs", NUM, c_msi) \
X("OTHER", "of them: held by other interrupts, such as those of the I/O APIC", NUM, c_other) \
X("LEGACY", "of them: set aside at boot for ISA interrupts that do not exist", NUM, c_legacy) \
X("UNEXPLAINED", "of them: held by nobody", NUM, c_unexplained) \
X("AVAILABLE", "vectors that are free", NUM, c_available) \
X("MANAGED", "vectors that are set aside for managed interrupts", NUM, c_managed) \
X("MANAGEDUSED", "of them: taken", NUM, c_managed_allocated)

/* --- a difference ------------------------------------------------------------------------- */

static const struct table_col diff_cols[] = {	/* ORDER: add_change() */
	{ "CHANGE", "what became of it, in words that msitrace(1) explains", 0 },
	{ "DEVICE", "device, by its name on its bus", TABLE_DASH },
	{ "DRIVER", "driver that it is bound to, or was", TABLE_DASH },
	{ "INDEX", "msi_index: which of the device's vectors", NUM },
	{ "VIRQ", "number of the interrupt, or what it was", NUM },
	{ "OLD", "how it was", TABLE_DASH },
	{ "NEW", "how it is", TABLE_DASH },
};

/* --- a tree ------------------------------------------------------------------------------- */

/* "irq27", or "index3" of a descriptor that has no interrupt.  */
static const char *vector_name(const struct snap_vector *v, char *buf, size_t size)
{
	snprintf(buf, size, "%s%u", v->irq == SNAP_UNKNOWN ? "index" : "irq", v->irq == SNAP_UNKNOWN ? v->index : v->irq);
	return buf;
}

/* --- views -------------------------------------------------------------------------------- */

#define COL(name, help, flags, cell) { name, help, flags },
#define CELL(name, help, flags, cell) cell,
static const struct table_col vector_cols[] = { VECTOR_COLS(COL) };
static cell_fn *const vector_cells[] = { VECTOR_COLS(CELL) };
static const struct table_col device_cols[] = { DEVICE_COLS(COL) };
static cell_fn *const device_cells[] = { DEVICE_COLS(CELL) };
static const struct table_col cpu_cols[] = { CPU_COLS(COL) };
static cell_fn *const cpu_cells[] = { CPU_COLS(CELL) };
static const struct table_col tree_cols[] = {
	{ "NAME", "device, by its name on its bus; irq domain; interrupt, or index of what has none", TABLE_TREE },
	{ "DEVICE", "that device", TABLE_DASH | TABLE_HIDDEN },
	{ "DRIVER", "driver that it is bound to", TABLE_DASH },
	{ "DOMAIN", "that domain", TABLE_DASH | TABLE_HIDDEN },	/* ORDER: VECTOR_COLS */
	VECTOR_MORE_COLS(COL)
};
_Static_assert(ARRAY_SIZE(tree_cols) == 1 + ARRAY_SIZE(vector_cols), "a tree has the columns of vectors, behind the name");
#define CELLS_MAX ARRAY_SIZE(tree_cols)

_Static_assert(ARRAY_SIZE(device_cells) <= CELLS_MAX && ARRAY_SIZE(cpu_cells) <= CELLS_MAX,
	       "more cells than there is room for");

const struct table_col *snapshot_cols(size_t *nr)
{
	*nr = ARRAY_SIZE(vector_cols);
	return vector_cols;
}

static const struct table_col *by_device_cols(size_t *nr)
{
	*nr = ARRAY_SIZE(device_cols);
	return device_cols;
}

static const struct table_col *by_cpu_cols(size_t *nr)
{
	*nr = ARRAY_SIZE(cpu_cols);
	return cpu_cols;
}

static const struct table_col *by_diff_cols(size_t *nr)
{
	*nr = ARRAY_SIZE(diff_cols);
	return diff_cols;
}

static const struct table_col *by_tree_cols(size_t *nr)
{
	*nr = ARRAY_SIZE(tree_cols);
	return tree_cols;
}

enum view { BY_DEVICE, BY_CPU, BY_CHANGE, BY_TREE, BY_VECTOR };

const struct listing_view snapshot_views[] = {	/* ORDER: enum view */
	{ "--by device", "devices", by_device_cols },
	{ "--by cpu", "cpus", by_cpu_cols },
	{ "--diff", "changes", by_diff_cols },
	{ "--tree", "devices", by_tree_cols },
	{ NULL, "vectors", snapshot_cols },
};

static enum view view_of(const struct options *o)
{
	if (o->diff)
		return BY_CHANGE;
	if (o->tree)
		return BY_TREE;
	if (!o->by || !strcmp(o->by, "vector"))
		return BY_VECTOR;
	return strcmp(o->by, "cpu") ? BY_DEVICE : BY_CPU;
}

static int fill_rows(const struct look *l, struct table *t, const void *rows, size_t nr, size_t size,
		     cell_fn *const *fns, size_t nr_fns)
{
	char bufs[CELLS_MAX][CELL_LEN];
	const char *cells[CELLS_MAX];
	size_t i, k;
	int err = 0;

	for (i = 0; !err && i < nr; i++) {
		for (k = 0; k < nr_fns; k++)
			cells[k] = fns[k](l, (const char *)rows + i * size, bufs[k], CELL_LEN);
		err = table__row(t, cells);
	}
	return err;
}

#define FILL(l, t, what, cells) \
	fill_rows(l, t, (l)->snap->what, (l)->snap->nr_##what, sizeof(*(l)->snap->what), cells, ARRAY_SIZE(cells))

/* Of one row as text: what a file has of it.  The caller frees the fields.  */
static int text_row(const struct look *l, const struct snap_vector *v, struct snap_row *row)
{
	static cell_fn *const fns[SNAP_FIELD_NR] = {
#define X(field) [SNAP_F_##field] = v_##field,
		SNAP_FIELDS(X)
#undef X
	};
	char buf[CELL_LEN];

	for (int i = 0; i < SNAP_FIELD_NR; i++) {
		const char *cell = fns[i](l, v, buf, sizeof(buf));

		row->field[i] = cell ? strdup(cell) : NULL;
		if (cell && !row->field[i])
			return -ENOMEM;
	}
	return 0;
}

/* "vector 36 of CPU 1" */
static const char *place(const struct snap_row *row, char *buf, size_t size)
{
	const char *vector = row->field[SNAP_F_vector], *cpu = row->field[SNAP_F_cpu];

	if (!vector && !cpu)
		return NULL;
	snprintf(buf, size, "%s%s%s%s", vector ? "vector " : "", vector ?: "",
		 cpu ? vector ? " of CPU " : "CPU " : "", cpu ?: "");
	return buf;
}

static const char *value(const struct snap_row *row, enum snap_field field, char *buf, size_t size)
{
	if (!row)
		return NULL;
	return field == SNAP_F_vector ? place(row, buf, size) : row->field[field];
}

static int add_change(void *ctx, enum snap_change change, const struct snap_row *old,
		      const struct snap_row *now)
{
	const struct snap_change_row *c = &snap_changes[change];
	const struct snap_row *row = now ?: old;
	char was[CELL_LEN], is[CELL_LEN];
	struct listing *v = ctx;
	const char *cells[] = {
		c->word, row->field[SNAP_F_device], row->field[SNAP_F_driver], row->field[SNAP_F_index],
		row->field[SNAP_F_virq], value(old, c->field, was, sizeof(was)),
		value(now, c->field, is, sizeof(is)),
	};

	_Static_assert(ARRAY_SIZE(cells) == ARRAY_SIZE(diff_cols), "one cell per column");
	return table__row(v->table, cells);
}

/* Rows of the file that are not of --device are none.  */
static void filter_old(const struct listing *v)
{
	struct snapshot_file *f = v->old;
	size_t i, nr = 0;

	for (i = 0; v->look.o->device && i < f->nr; i++) {
		const char *device = f->rows[i].field[SNAP_F_device], *driver = f->rows[i].field[SNAP_F_driver];

		if ((device && !strcmp(device, v->look.o->device)) || (driver && !strcmp(driver, v->look.o->device)))
			f->rows[nr++] = f->rows[i];
	}
	if (v->look.o->device)
		f->nr = nr;
}

static int fill_changes(struct listing *v)
{
	const struct look *l = &v->look;
	struct snap_row *now = calloc(l->snap->nr_vectors + 1, sizeof(*now));
	size_t i;
	int k, err = now ? 0 : -ENOMEM;

	for (i = 0; !err && i < l->snap->nr_vectors; i++)
		err = text_row(l, &l->snap->vectors[i], &now[i]);
	filter_old(v);
	err = err ?: snap_diff(v->old->rows, v->old->nr, now, l->snap->nr_vectors, add_change, v);
	for (i = 0; now && i < l->snap->nr_vectors; i++)
		for (k = 0; k < SNAP_FIELD_NR; k++)
			free((char *)now[i].field[k]);
	free(now);
	return err;
}

/* A device or a domain: its driver is that of all below.  */
static int add_branch(struct table *t, size_t parent, const char *name, const struct snap_device *d, const char *domain)
{
	const char *cells[CELLS_MAX] = { cell_text(name) ?: "?", cell_text(d->name), cell_text(d->driver), domain };

	return table__row_of(t, parent, cells);
}

static int add_leaf(const struct look *l, struct table *t, size_t parent, const struct snap_vector *v)
{
	char bufs[CELLS_MAX][CELL_LEN];
	const char *cells[CELLS_MAX] = { vector_name(v, bufs[0], CELL_LEN) };
	size_t k;

	for (k = 1; k < CELLS_MAX; k++)
		cells[k] = vector_cells[k - 1](l, v, bufs[k], CELL_LEN);
	return table__row_of(t, parent, cells);
}

/* Vectors of a device that are in this domain, which none before `first` is.  */
static int add_domain(const struct look *l, struct table *t, size_t device, size_t first)
{
	const struct snap_vector *v = &l->snap->vectors[first];
	int err = add_branch(t, device, cell_text(v->domain) ?: "none", v->device, cell_text(v->domain));
	size_t i, domain = table__last(t);

	for (i = first; !err && i < l->snap->nr_vectors && l->snap->vectors[i].device == v->device; i++)
		if (l->snap->vectors[i].domain == v->domain)
			err = add_leaf(l, t, domain, &l->snap->vectors[i]);
	return err;
}

/* The strings of a snapshot are kept once.  */
static bool is_first_of_domain(const struct snapshot *s, size_t first, size_t i)
{
	for (; first < i; first++)
		if (s->vectors[first].domain == s->vectors[i].domain)
			return false;
	return true;
}

/* Vectors are sorted by device; those of a device have one domain, or few.  */
static int fill_tree(const struct look *l, struct table *t)
{
	const struct snapshot *s = l->snap;
	size_t d, i = 0, first, device;
	int err = 0;

	for (d = 0; !err && d < s->nr_devices; d++) {
		err = add_branch(t, TABLE_NO_PARENT, s->devices[d].name, &s->devices[d], NULL);
		device = table__last(t);
		for (first = i; !err && i < s->nr_vectors && s->vectors[i].device == &s->devices[d]; i++)
			if (is_first_of_domain(s, first, i))
				err = add_domain(l, t, device, i);
	}
	return err;
}

static int fill(struct listing *v)
{
	const struct look *l = &v->look;

	switch (view_of(l->o)) {
	case BY_DEVICE:
		return FILL(l, v->table, devices, device_cells);
	case BY_CPU:
		return FILL(l, v->table, cpus, cpu_cells);
	case BY_CHANGE:
		return fill_changes(v);
	case BY_TREE:
		return fill_tree(l, v->table);
	case BY_VECTOR:
		break;
	}
	return FILL(l, v->table, vectors, vector_cells);
}

/* --- a file ------------------------------------------------------------------------------- */

/* "DEVICE,DRIVER,...": all columns.  */
static void all_columns(char *buf, size_t size)
{
	size_t i, n = 0;

	for (i = 0; i < ARRAY_SIZE(vector_cols) && n < size; i++)
		n += snprintf(buf + n, size - n, "%s%s", i ? "," : "", vector_cols[i].name);
}

/* 0, or -errno.  */
static int write_file(const struct look *l, FILE *out)
{
	char output[ARRAY_SIZE(vector_cols) * 16];
	struct table_opts to = { .name = "vectors", .json = true, .output = output };
	struct table *t = NULL;
	int err;

	all_columns(output, sizeof(output));
	err = table__new(vector_cols, ARRAY_SIZE(vector_cols), &to, &t, NULL);
	err = err ?: FILL(l, t, vectors, vector_cells);
	err = err ?: table__print(t, out);
	table__free(t);
	return err ?: file_flush(out);
}

/* 0, or an exit code after a message.  */
static int save(const struct look *l)
{
	__cleanup_fclose FILE *out = fopen(l->o->save, "we");
	int err = out ? write_file(l, out) : -errno;

	if (!err)
		return 0;
	pr_err("cannot write %s: %s\n", l->o->save, errstr(err));
	return MSITRACE_EXIT_CANNOT_RUN;
}

/* --- the command -------------------------------------------------------------------------- */

static void say_unknown(const struct look *l)
{
	const struct hook_state *dev = &collect__hooks(l->collect)[HOOK_snap_dev];

	if (dev->status != MSI_ATTACH_LIVE && view_of(l->o) != BY_CPU)
		pr_warn("descriptors that have no interrupt are not known: %s\n", dev->why);
	if (collect__symbols_error(l->collect))
		pr_warn("no symbols (%s), so handlers and the x86 vector allocator's counters are not known; try sysctl kernel.kptr_restrict=1\n",
			errstr(collect__symbols_error(l->collect)));
}

static int list(struct listing *v)
{
	int err = look__take(&v->look);

	if (err)
		return err;
	say_unknown(&v->look);
	if (view_of(v->look.o) == BY_CPU && !v->look.snap->nr_cpus) {
		pr_err("this kernel does not show the vectors of its CPUs: no vector_matrix (x86 has one) in /proc/kallsyms\n");
		return MSITRACE_EXIT_CANNOT_RUN;
	}
	look__say_odd(&v->look);
	err = v->look.o->save ? save(&v->look) : 0;
	if (!err && (!v->look.o->save || v->look.o->diff)) {
		err = fill(v);
		err = listing_print(TAKE_PTR(v->table), err);
	}
	return err ?: look__verdict(&v->look);
}

int cmd_snapshot(const struct options *o)
{
	const struct listing_view *view = &snapshot_views[view_of(o)];
	struct table_opts to = { .name = view->name };
	struct snapshot_file old = {};
	struct listing v = { .old = &old };
	int ret;

	ret = listing_new_view(CMD_SNAPSHOT, view, o, &to, &v.table);
	ret = ret ?: session_check_device(o);
	if (!ret && o->diff && snapshot_file__read(o->diff, &old))
		ret = MSITRACE_EXIT_CANNOT_RUN;
	ret = ret ?: look__open(&v.look, o);
	ret = ret ?: list(&v);
	look__close(&v.look);
	table__free(v.table);
	snapshot_file__free(&old);
	return ret;
}
