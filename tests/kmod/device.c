// SPDX-License-Identifier: GPL-2.0-only
/*
 * The driver of the devices under test: binds on demand, allocates vectors, installs handlers,
 * raises interrupts, and gives everything back in the right order. Nothing here breaks a rule
 * unless enum mt_setup or leave_vectors say so.
 */
#include <linux/delay.h>
#include <linux/interrupt.h>
#include <linux/io.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "msitrace_test.h"

#define ROCKER_TEST_IRQ	0x20	/* write n: raise vector n */
#define EDU_IRQ_STATUS	0x24
#define EDU_IRQ_RAISE	0x60
#define EDU_IRQ_ACK	0x64

struct mt_model {
	unsigned short vendor, device;
	void (*raise)(struct mt_device *dev, unsigned int index);
	void (*ack)(struct mt_device *dev);
};

static void rocker_raise(struct mt_device *dev, unsigned int index)
{
	iowrite32(index, dev->bar0 + ROCKER_TEST_IRQ);
}

static void edu_raise(struct mt_device *dev, unsigned int index)
{
	iowrite32(1, dev->bar0 + EDU_IRQ_RAISE);
}

static void edu_ack(struct mt_device *dev)
{
	iowrite32(ioread32(dev->bar0 + EDU_IRQ_STATUS), dev->bar0 + EDU_IRQ_ACK);
}

static const struct mt_model models[] = {
	{ 0x1b36, 0x0006, rocker_raise, NULL },		/* QEMU rocker, MSI-X */
	{ 0x1234, 0x11e8, edu_raise, edu_ack },		/* QEMU edu, one MSI, not maskable */
};

static LIST_HEAD(devices);
static DEFINE_SPINLOCK(devices_lock);

/* What probe() is to do, set by mt_bind() around it. */
static struct {
	struct pci_dev *pdev;
	unsigned int nvec;
	unsigned int setup;
} request;

/*
 * The driver binds to nothing by itself: the one slot is filled only while mt_bind() attaches. No
 * driver_override, whose home has moved (8f9db1376256 ("driver core: generalize driver_override in
 * struct device")), and no dynamic id, which would offer every other device of that id, too.
 */
static struct pci_device_id ids[2];

static const struct mt_model *model_of(const struct pci_dev *pdev)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(models); i++)
		if (models[i].vendor == pdev->vendor && models[i].device == pdev->device)
			return &models[i];
	return NULL;
}

static irqreturn_t handler(int irq, void *data)
{
	struct mt_vector *vec = data;

	if (vec->dev->model && vec->dev->model->ack)
		vec->dev->model->ack(vec->dev);
	atomic_inc(&vec->hits);
	return IRQ_HANDLED;
}

int mt_vectors_alloc(struct mt_device *dev, unsigned int min, unsigned int max)
{
	/* one type only: the error of the second one would hide that of the first */
	unsigned int flags = dev->pdev->msix_cap ? PCI_IRQ_MSIX : PCI_IRQ_MSI;
	unsigned int i;
	int nvec;

	if (dev->setup & MT_SETUP_AFFINITY)
		flags |= PCI_IRQ_AFFINITY;
	if (dev->setup & MT_SETUP_VIRTUAL)
		nvec = mt_alloc_vectors_beyond_table(dev->pdev, max);
	else
		nvec = pci_alloc_irq_vectors(dev->pdev, min, max, flags);
	if (nvec < 0)
		return nvec;
	dev->vec = kcalloc(nvec, sizeof(*dev->vec), GFP_KERNEL);
	if (!dev->vec) {
		pci_free_irq_vectors(dev->pdev);
		return -ENOMEM;
	}
	dev->nvec = nvec;
	for (i = 0; i < nvec; i++) {
		dev->vec[i].dev = dev;
		dev->vec[i].virq = pci_irq_vector(dev->pdev, i);
		snprintf(dev->vec[i].name, sizeof(dev->vec[i].name), MT_NAME "-%u", i);
	}
	return 0;
}

int mt_vector_request(struct mt_device *dev, unsigned int index)
{
	struct mt_vector *vec = &dev->vec[index];
	int err = request_irq(vec->virq, handler, 0, vec->name, vec);

	vec->requested = !err;
	return err;
}

/* A handler on each vector: an unused one is what vec_never_requested reports. */
int mt_vectors_request(struct mt_device *dev)
{
	return mt_vectors_request_some(dev, dev->nvec);
}

/* Handlers on the first @nr vectors, or on none. */
int mt_vectors_request_some(struct mt_device *dev, unsigned int nr)
{
	unsigned int i;
	int err;

	for (i = 0; i < nr; i++) {
		err = mt_vector_request(dev, i);
		if (err) {
			mt_vectors_free_irq(dev, 0);
			return err;
		}
	}
	return 0;
}

/* Removes the handlers from vector @first on. */
void mt_vectors_free_irq(struct mt_device *dev, unsigned int first)
{
	unsigned int i;

	for (i = first; i < dev->nvec; i++) {
		if (!dev->vec[i].requested)
			continue;
		free_irq(dev->vec[i].virq, &dev->vec[i]);
		dev->vec[i].requested = false;
	}
}

void mt_vectors_free(struct mt_device *dev)
{
	pci_free_irq_vectors(dev->pdev);
	kfree(dev->vec);
	dev->vec = NULL;
	dev->nvec = 0;
}

/* Returns 0 when the handler ran, -EOPNOTSUPP when the device raises nothing on demand. */
int mt_vector_raise(struct mt_device *dev, unsigned int index)
{
	int before, i;

	if (!dev->model)
		return -EOPNOTSUPP;
	before = atomic_read(&dev->vec[index].hits);
	dev->model->raise(dev, index);
	for (i = 0; i < 1100; i++) {
		if (atomic_read(&dev->vec[index].hits) != before)
			return 0;
		if (i < 100)	/* who raises, and goes on at once, does so soon after it was handled */
			udelay(10);
		else
			usleep_range(1000, 2000);
	}
	return -ETIMEDOUT;
}

/* Takes the mutex: not while somebody holds it. */
unsigned int mt_count_descs(struct device *dev)
{
	struct msi_desc *desc;
	unsigned int n = 0;

	mt_lock_descs(dev);
	mt_for_each_desc(desc, dev, MSI_DESC_ALL)
		n++;
	mt_unlock_descs(dev);
	return n;
}

static int enable(struct mt_device *dev)
{
	struct pci_dev *pdev = dev->pdev;
	int err;

	err = dev->setup & MT_SETUP_MANAGED ? pcim_enable_device(pdev) : pci_enable_device(pdev);
	if (err)
		return err;
	pci_set_master(pdev);
	if (!dev->model)
		return 0;
	dev->bar0 = pci_iomap(pdev, 0, 0);
	if (dev->bar0)
		return 0;
	if (!(dev->setup & MT_SETUP_MANAGED))
		pci_disable_device(pdev);
	return -ENOMEM;
}

static void disable(struct mt_device *dev)
{
	if (dev->bar0)
		pci_iounmap(dev->pdev, dev->bar0);
	if (!(dev->setup & MT_SETUP_MANAGED))
		pci_disable_device(dev->pdev);
}

static int start_vectors(struct mt_device *dev)
{
	unsigned int max = request.nvec ? request.nvec : MT_DEFAULT_VECTORS;
	unsigned int min = request.nvec;
	int err;

	if (dev->setup & MT_SETUP_NO_VECTORS)
		return 0;
	/* the number is a wish where none was given, and where the processors limit it */
	if (!min || dev->setup & MT_SETUP_AFFINITY)
		min = 1;
	err = mt_vectors_alloc(dev, min, max);
	if (err)
		return err;
	/* Without handlers: what is left over must not be able to call us. */
	if (dev->setup & (MT_PROBE_FAILS | MT_PROBE_FREES_FAILS | MT_SETUP_IDLE))
		return 0;
	err = mt_vectors_request(dev);
	if (err)
		mt_vectors_free(dev);
	return err;
}

static mt_act int mt_probe_fails_with_vectors(struct mt_device *dev)
{
	mt_note("probe fails with %u vectors allocated", dev->nvec);
	if (dev->setup & MT_SETUP_SOFT)
		mt_soft_domain_adopt(dev);
	return -EIO;
}

static mt_act int mt_probe_frees_vectors_and_fails(struct mt_device *dev)
{
	mt_note("probe frees its %u vectors and fails", dev->nvec);
	pci_free_irq_vectors(dev->pdev);
	return -EIO;
}

static mt_act void mt_probe_returns_with_lock_held(struct mt_device *dev)
{
	mt_lock_descs(&dev->pdev->dev);
	mt_lock_set_stray(dev);
}

static int probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct mt_device *dev;
	int err;

	if (pdev != request.pdev)
		return -ENODEV;
	dev = kzalloc(sizeof(*dev), GFP_KERNEL);
	if (!dev)
		return -ENOMEM;
	dev->pdev = pdev;
	dev->model = model_of(pdev);
	dev->setup = request.setup;
	err = enable(dev);
	if (err)
		goto free;
	err = start_vectors(dev);
	if (err)
		goto disable;
	if (dev->setup & MT_PROBE_FAILS)
		err = mt_probe_fails_with_vectors(dev);
	else if (dev->setup & MT_PROBE_FREES_FAILS)
		err = mt_probe_frees_vectors_and_fails(dev);
	if (err)
		goto disable;
	if (dev->setup & MT_PROBE_KEEPS_LOCK)
		mt_probe_returns_with_lock_held(dev);
	pci_set_drvdata(pdev, dev);
	spin_lock(&devices_lock);
	list_add_tail(&dev->node, &devices);
	spin_unlock(&devices_lock);
	return 0;

disable:
	disable(dev);
free:
	kfree(dev->vec);
	kfree(dev);
	return err;
}

static void remove(struct pci_dev *pdev)
{
	struct mt_device *dev = pci_get_drvdata(pdev);

	spin_lock(&devices_lock);
	list_del(&dev->node);
	spin_unlock(&devices_lock);
	mt_hold_stop(dev);
	mt_lock_release_stray(dev);
	mt_lock_release_deadlocked(dev);
	mt_vectors_free_irq(dev, 0);
	if (!dev->leave_vectors && !(dev->setup & MT_SETUP_MANAGED))
		pci_free_irq_vectors(pdev);
	disable(dev);
	kfree(dev->vec);
	kfree(dev);
}

static struct pci_driver driver = {
	.name		= MT_NAME,
	.id_table	= ids,
	.probe		= probe,
	.remove		= remove,
	/* only through the run file, which knows what state the device is in */
	.driver.suppress_bind_attrs = true,
};

struct mt_device *mt_device_find(const struct pci_dev *pdev)
{
	struct mt_device *dev, *found = NULL;

	spin_lock(&devices_lock);
	list_for_each_entry(dev, &devices, node)
		if (dev->pdev == pdev)
			found = dev;
	spin_unlock(&devices_lock);
	return found;
}

/* The device that is set up if there is exactly one, else NULL. */
struct mt_device *mt_device_only(void)
{
	struct mt_device *dev = NULL;

	spin_lock(&devices_lock);
	if (!list_empty(&devices) && list_is_singular(&devices))
		dev = list_first_entry(&devices, struct mt_device, node);
	spin_unlock(&devices_lock);
	return dev;
}

/* Any other device that is set up. */
struct mt_device *mt_device_other(const struct mt_device *dev)
{
	struct mt_device *other, *found = NULL;

	spin_lock(&devices_lock);
	list_for_each_entry(other, &devices, node)
		if (other != dev)
			found = other;
	spin_unlock(&devices_lock);
	return found;
}

static int check_device(struct pci_dev *pdev)
{
	if (pdev->hdr_type != PCI_HEADER_TYPE_NORMAL) {
		pci_err(pdev, MT_NAME ": a bridge, not a device to test on\n");
		return -EINVAL;
	}
	if (pdev->dev.driver) {
		pci_err(pdev, MT_NAME ": driver %s is bound, unbind it first\n",
			pdev->dev.driver->name);
		return -EBUSY;
	}
	if (!pdev->msi_cap && !pdev->msix_cap) {
		pci_err(pdev, MT_NAME ": has neither MSI nor MSI-X\n");
		return -EOPNOTSUPP;
	}
	if (pdev->msi_enabled || pdev->msix_enabled) {
		pci_err(pdev, MT_NAME ": MSI is still enabled, an earlier scenario left it so; 'teardown' repairs what it can, else boot again\n");
		return -EBUSY;
	}
	return 0;
}

/* Binds our driver to @pdev, which allocates @nvec vectors (0: some) and requests them all. */
int mt_bind(struct pci_dev *pdev, unsigned int nvec, unsigned int setup)
{
	int err = check_device(pdev);

	if (err)
		return err;
	if (setup & MT_SETUP_SOFT)
		err = mt_soft_domain_attach(pdev);
	else
		mt_soft_domain_detach(pdev);
	if (err)
		return err;

	request.pdev = pdev;
	request.nvec = nvec;
	request.setup = setup;
	ids[0] = (struct pci_device_id){ PCI_DEVICE(pdev->vendor, pdev->device) };
	err = device_driver_attach(&driver.driver, &pdev->dev);
	ids[0] = (struct pci_device_id){};
	request.pdev = NULL;

	if (err) {
		if (!(setup & (MT_PROBE_FAILS | MT_PROBE_FREES_FAILS)))
			pci_err(pdev, MT_NAME ": cannot set it up with %u vectors: %d\n",
				nvec ? nvec : MT_DEFAULT_VECTORS, err);
		mt_soft_domain_detach(pdev);
	}
	return err;
}

void mt_unbind(struct mt_device *dev)
{
	struct pci_dev *pdev = dev->pdev;

	device_release_driver(&pdev->dev);
	/* stays set on 6.1, and the vectors of the next driver would be devres-managed as well */
	pdev->is_managed = 0;
	mt_soft_domain_detach(pdev);
}

int mt_driver_register(void)
{
	return pci_register_driver(&driver);
}

void mt_driver_unregister(void)
{
	struct mt_device *dev, *next;

	list_for_each_entry_safe(dev, next, &devices, node)
		mt_unbind(dev);
	pci_unregister_driver(&driver);
}
