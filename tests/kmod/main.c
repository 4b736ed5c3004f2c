// SPDX-License-Identifier: GPL-2.0-only
/*
 * msitrace_test.ko: breaks the rules about Linux MSI descriptors on purpose, one at a time, so that
 * the findings of msitrace can be tested on a real kernel. For virtual machines only.
 *
 *	/sys/kernel/msitrace_test/list		names of the scenarios
 *	/sys/kernel/msitrace_test/expected	which rules must and may report them here
 *	/sys/kernel/msitrace_test/run		setup BDF [NVEC] [soft] [pcim] [affinity] [idle]
 *						SCENARIO [BDF]
 *						raise BDF VIRQ
 *						lose domain|number
 *						teardown [BDF]
 *	/sys/kernel/msitrace_test/result	what the last command returned and saw
 *
 * A command runs in the task that writes it.
 */
#include <linux/kobject.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "msitrace_test.h"

static DEFINE_MUTEX(commands);		/* one at a time */

static struct {
	char command[128];
	int ret;
	char notes[512];
} result;

void mt_note(const char *fmt, ...)
{
	size_t len = strlen(result.notes);
	va_list args;

	va_start(args, fmt);
	len += vscnprintf(result.notes + len, sizeof(result.notes) - len, fmt, args);
	va_end(args);
	scnprintf(result.notes + len, sizeof(result.notes) - len, "\n");
}

/* ---- devices ---- */

static struct pci_dev *lookup_device(const char *bdf)
{
	unsigned int domain = 0, bus, slot, fn;
	struct pci_dev *pdev;
	char end;

	if (sscanf(bdf, "%x:%x:%x.%x%c", &domain, &bus, &slot, &fn, &end) != 4) {
		domain = 0;
		if (sscanf(bdf, "%x:%x.%x%c", &bus, &slot, &fn, &end) != 3) {
			pr_err(MT_NAME ": '%s' is not a PCI address like 0000:00:03.0\n", bdf);
			return ERR_PTR(-EINVAL);
		}
	}
	pdev = pci_get_domain_bus_and_slot(domain, bus, PCI_DEVFN(slot, fn));
	if (!pdev) {
		pr_err(MT_NAME ": no PCI device %s\n", bdf);
		return ERR_PTR(-ENODEV);
	}
	return pdev;
}

/* The device that @bdf names, or the one that is set up. Returns a reference. */
static struct pci_dev *lookup_device_or_only(const char *bdf)
{
	struct mt_device *dev;

	if (bdf)
		return lookup_device(bdf);
	dev = mt_device_only();
	if (!dev) {
		pr_err(MT_NAME ": say which device: not exactly one is set up\n");
		return ERR_PTR(-ENODEV);
	}
	return pci_dev_get(dev->pdev);
}

/* ---- setup and teardown ---- */

static int parse_setup_word(const char *word, unsigned int *nvec, unsigned int *setup)
{
	if (!strcmp(word, "soft"))
		*setup |= MT_SETUP_SOFT;
	else if (!strcmp(word, "pcim"))
		*setup |= MT_SETUP_MANAGED;
	else if (!strcmp(word, "affinity"))
		*setup |= MT_SETUP_AFFINITY;
	else if (!strcmp(word, "idle"))
		*setup |= MT_SETUP_IDLE;
	else if (kstrtouint(word, 10, nvec) || !*nvec)
		return -EINVAL;
	return 0;
}

static int do_setup(char **words, int n)
{
	unsigned int nvec = 0, setup = 0;
	struct pci_dev *pdev;
	int i, err;

	for (i = 1; i < n; i++) {
		err = parse_setup_word(words[i], &nvec, &setup);
		if (err) {
			pr_err(MT_NAME ": setup BDF [NVEC] [soft] [pcim] [affinity] [idle], not '%s'\n",
			       words[i]);
			return err;
		}
	}
	pdev = lookup_device_or_only(n ? words[0] : NULL);
	if (IS_ERR(pdev))
		return PTR_ERR(pdev);
	err = mt_bind(pdev, nvec, setup);
	if (!err) {
		struct mt_device *dev = mt_device_find(pdev);

		mt_note("%s: %u vectors, interrupts %u to %u", pci_name(pdev), dev->nvec,
			dev->vec[0].virq, dev->vec[dev->nvec - 1].virq);
	}
	pci_dev_put(pdev);
	return err;
}

static int raise_virq(struct mt_device *dev, unsigned int virq)
{
	unsigned int i;

	for (i = 0; i < dev->nvec; i++)
		if (dev->vec[i].virq == virq)
			return mt_vector_raise(dev, i);
	return -ENXIO;
}

static int do_raise(char **words, int n)
{
	struct mt_device *dev;
	struct pci_dev *pdev;
	unsigned int virq;
	int err;

	if (n != 2 || kstrtouint(words[1], 10, &virq)) {
		pr_err(MT_NAME ": raise BDF VIRQ\n");
		return -EINVAL;
	}
	pdev = lookup_device_or_only(words[0]);
	if (IS_ERR(pdev))
		return PTR_ERR(pdev);
	dev = mt_device_find(pdev);
	err = dev ? raise_virq(dev, virq) : -ENODEV;
	pci_dev_put(pdev);
	return err;
}

static int busy(const struct mt_device *dev)
{
	if (!dev->hold && !dev->stray_owner && !dev->deadlocked)
		return 0;
	pci_err(dev->pdev, MT_NAME ": the descriptor mutex is held, end that first: %s\n",
		dev->hold ? "hold.end" : dev->deadlocked ? "lock_self_deadlock.end" :
		"lock_unbalanced.end");
	return -EBUSY;
}

static int teardown(struct mt_device *dev)
{
	int err = busy(dev);

	if (err)
		return err;
	mt_unbind(dev);
	return 0;
}

static int do_teardown(char **words, int n)
{
	struct mt_device *dev;
	struct pci_dev *pdev;
	int err = 0;

	if (n > 1) {
		pr_err(MT_NAME ": teardown [BDF]\n");
		return -EINVAL;
	}
	mt_soft_domain_repair();
	mt_lock_end_waiter();
	mt_act_repair();
	mt_vec_repair();
	mt_lose_repair();
	if (!n && !mt_device_only() && !mt_device_other(NULL))
		return 0;	/* it was only to repair */
	pdev = lookup_device_or_only(n ? words[0] : NULL);
	if (IS_ERR(pdev))
		return PTR_ERR(pdev);
	dev = mt_device_find(pdev);
	if (dev)
		err = teardown(dev);
	pci_dev_put(pdev);
	return err;
}

/* ---- scenarios ---- */

static const struct mt_scenario *find_scenario(const char *name)
{
	const struct mt_scenario *s;

	for (s = mt_scenarios; s->name; s++)
		if (!strcmp(s->name, name))
			return s;
	pr_err(MT_NAME ": no scenario '%s', see the list file\n", name);
	return NULL;
}

static int refuse(const struct mt_scenario *s, const struct pci_dev *pdev, const char *why, int err)
{
	pci_err(pdev, MT_NAME ": %s: %s\n", s->name, why);
	return err;
}

static int check_vectors(const struct mt_scenario *s, const struct mt_device *dev)
{
	struct pci_dev *pdev = dev->pdev;

	if (!dev->nvec)
		return refuse(s, pdev, "an earlier scenario freed the vectors: teardown, setup",
			      -ENODATA);
	if ((s->flags & MT_MSIX) && !pdev->msix_enabled)
		return refuse(s, pdev, "needs a device with MSI-X", -EOPNOTSUPP);
	if ((s->flags & MT_MSIX) && dev->nvec >= pci_msix_vec_count(pdev))
		return refuse(s, pdev, "needs an unused vector: set up fewer", -ENOSPC);
	if ((s->flags & MT_MSI_NOMASK) && !pdev->msi_enabled)
		return refuse(s, pdev, "needs MSI: MSI-X would write to the freed descriptor",
			      -EOPNOTSUPP);
	if ((s->flags & MT_MANY) && (!pdev->msix_enabled || dev->nvec < 4))
		return refuse(s, pdev, "needs four MSI-X vectors", -EINVAL);
	if ((s->setup & dev->setup) != s->setup)
		return refuse(s, pdev, s->setup & MT_SETUP_SOFT ? "set the device up with 'soft'" :
			      "set the device up with the word after the dot", -EINVAL);
	return 0;
}

static int run_on_device(const struct mt_scenario *s, struct mt_run *run)
{
	int err;

	if (!(s->flags & MT_WHILE_HELD)) {
		err = busy(run->dev);
		if (err)
			return err;
	}
	err = check_vectors(s, run->dev);
	return err ? err : s->run(run);
}

/* The device is not set up: do that, run, and clean up what the scenario has left of it. */
static int run_with_setup(const struct mt_scenario *s, struct mt_run *run)
{
	int err = mt_bind(run->pdev, 0, s->setup);

	if (err)
		return err;
	run->dev = mt_device_find(run->pdev);
	err = run_on_device(s, run);
	if (run->dev && !(s->flags & MT_STAYS && !err))
		teardown(run->dev);
	return err;
}

static int run_scenario(const struct mt_scenario *s, struct pci_dev *pdev)
{
	struct mt_run run = { .pdev = pdev, .dev = mt_device_find(pdev) };

	if (s->flags & MT_UNBOUND) {
		if (run.dev)
			return refuse(s, pdev, "binds the device itself: teardown first", -EBUSY);
		return s->run(&run);
	}
	if (run.dev)
		return run_on_device(s, &run);
	if (s->flags & MT_PHASE)
		return refuse(s, pdev, "is the second half of two, run the first", -EINVAL);
	return run_with_setup(s, &run);
}

static int do_scenario(const char *name, char **words, int n)
{
	const struct mt_scenario *s = find_scenario(name);
	struct pci_dev *pdev;
	int err;

	if (!s)
		return -ENOENT;
	if (n > 1) {
		pr_err(MT_NAME ": SCENARIO [BDF]\n");
		return -EINVAL;
	}
	pdev = lookup_device_or_only(n ? words[0] : NULL);
	if (IS_ERR(pdev))
		return PTR_ERR(pdev);
	err = run_scenario(s, pdev);
	pci_dev_put(pdev);
	return err;
}

/* ---- /sys/kernel/msitrace_test ---- */

#define MAX_WORDS 6

static int split(char *line, char **words)
{
	char *word;
	int n = 0;

	while ((word = strsep(&line, " \t\n"))) {
		if (!*word)
			continue;
		if (n == MAX_WORDS)
			return -EINVAL;
		words[n++] = word;
	}
	return n ? n : -EINVAL;
}

static int run_command(char *line)
{
	char *words[MAX_WORDS];
	int n = split(line, words);

	if (n < 0) {
		pr_err(MT_NAME ": empty command, or more than %d words\n", MAX_WORDS);
		return n;
	}
	if (!strcmp(words[0], "setup"))
		return do_setup(words + 1, n - 1);
	if (!strcmp(words[0], "raise"))
		return do_raise(words + 1, n - 1);
	if (!strcmp(words[0], "lose"))
		return n == 2 ? mt_lose(words[1]) : -EINVAL;
	if (!strcmp(words[0], "teardown"))
		return do_teardown(words + 1, n - 1);
	return do_scenario(words[0], words + 1, n - 1);
}

static ssize_t run_store(struct kobject *kobj, struct kobj_attribute *attr, const char *buf,
			 size_t count)
{
	char line[sizeof(result.command)];

	if (count >= sizeof(line))
		return -EINVAL;
	memcpy(line, buf, count);
	line[count] = '\0';
	strim(line);

	mutex_lock(&commands);
	strscpy(result.command, line, sizeof(result.command));
	result.notes[0] = '\0';
	result.ret = run_command(line);
	mutex_unlock(&commands);
	return result.ret < 0 ? result.ret : count;
}

static ssize_t result_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	ssize_t len;

	mutex_lock(&commands);
	len = sysfs_emit(buf, "command: %s\nreturned: %d\n%s", result.command, result.ret,
			 result.notes);
	mutex_unlock(&commands);
	return len;
}

/* More than a page, which is what a text attribute may have. */
struct table {
	struct bin_attribute attr;
	int (*row)(char *buf, size_t size, const struct mt_scenario *s);
	size_t len;
	char *text;
};

static ssize_t table_read(struct file *file, struct kobject *kobj, mt_bin_attribute *attr, char *buf,
			  loff_t off, size_t count)
{
	const struct table *t = attr->private;

	return memory_read_from_buffer(buf, count, &off, t->text, t->len);
}

static int list_row(char *buf, size_t size, const struct mt_scenario *s)
{
	return snprintf(buf, size, "%-28s %s\n", s->name, s->summary);
}

static int expected_row(char *buf, size_t size, const struct mt_scenario *s)
{
	return snprintf(buf, size, "%s %s %s\n", s->name, s->rules ? s->rules : "-",
			s->also ? s->also : "-");
}

#define TABLE(name_) {								\
	.attr = { .attr = { .name = #name_, .mode = 0444 }, .read = table_read },	\
	.row = name_##_row,								\
}

static struct table tables[] = { TABLE(list), TABLE(expected) };

static int table_create(struct kobject *kobj, struct table *t)
{
	const struct mt_scenario *s;
	size_t room = 1;

	for (s = mt_scenarios; s->name; s++)
		room += t->row(NULL, 0, s);
	t->text = kvmalloc(room, GFP_KERNEL);
	if (!t->text)
		return -ENOMEM;
	for (s = mt_scenarios; s->name; s++)
		t->len += t->row(t->text + t->len, room - t->len, s);
	t->attr.private = t;
	sysfs_bin_attr_init(&t->attr);
	return sysfs_create_bin_file(kobj, &t->attr);
}

static int tables_create(struct kobject *kobj)
{
	int i, err = 0;

	for (i = 0; i < ARRAY_SIZE(tables) && !err; i++)
		err = table_create(kobj, &tables[i]);
	return err;
}

static void tables_free(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(tables); i++)
		kvfree(tables[i].text);
}

static struct kobj_attribute run_attr = __ATTR_WO(run);
static struct kobj_attribute result_attr = __ATTR_RO(result);

static struct attribute *attrs[] = {
	&run_attr.attr,
	&result_attr.attr,
	NULL
};

static const struct attribute_group group = { .attrs = attrs };

static struct kobject *kobj;

static int __init msitrace_test_init(void)
{
	int err;

	mt_symbols_init();
	err = mt_driver_register();
	if (err)
		return err;
	kobj = kobject_create_and_add(MT_NAME, kernel_kobj);
	err = kobj ? sysfs_create_group(kobj, &group) : -ENOMEM;
	if (!err)
		err = tables_create(kobj);
	if (err) {
		kobject_put(kobj);
		tables_free();
		mt_driver_unregister();
	}
	return err;
}

/* Ends what is still going on: a mutex that is held, devices that are set up, lost interrupts. */
static void __exit msitrace_test_exit(void)
{
	kobject_put(kobj);
	tables_free();
	mt_lock_end_waiter();
	mt_act_repair();
	mt_vec_repair();
	mt_driver_unregister();
	mt_lose_repair();
	mt_soft_domain_exit();
}

module_init(msitrace_test_init);
module_exit(msitrace_test_exit);

MODULE_DESCRIPTION("Breaks the rules about MSI descriptors, one at a time, to test msitrace");
MODULE_LICENSE("GPL");
