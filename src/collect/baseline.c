// SPDX-License-Identifier: GPL-2.0-only
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/util.h"
#include "baseline.h"

static void cleanup_closedir(DIR **d)
{
	if (*d)
		closedir(*d);
}

/* Calls fn for every entry of a directory, relative to its fd; 0, or the first non-zero.  */
static int each(int at, const char *path, int (*fn)(void *ctx, int dirfd, const char *name), void *ctx)
{
	__attribute__((__cleanup__(cleanup_closedir))) DIR *dir = NULL;
	int fd = openat(at, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct dirent *de;
	int ret = 0;

	if (fd < 0)
		return 0;
	dir = fdopendir(fd);
	if (!dir) {
		close(fd);
		return -errno;
	}
	while (!ret && (de = readdir(dir)))
		if (de->d_name[0] != '.')
			ret = fn(ctx, dirfd(dir), de->d_name);
	return ret;
}

struct taking {
	struct msi_baseline_counts *bc;
	int (*drain)(void *ctx);
	void *ctx;
	char *text;		/* what was read last; NULL: nobody wants it */
	size_t size;
};

/* Reads an attribute for its side effect; its first line into text, which may be NULL.  */
static bool touch_text(int dirfd, const char *path, char *text, size_t size)
{
	__cleanup_close int fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC);
	char buf[4097];
	ssize_t n = fd < 0 ? -1 : read(fd, buf, sizeof(buf) - 1);

	buf[n > 0 ? n : 0] = '\0';
	buf[strcspn(buf, "\n")] = '\0';
	if (text)
		str_copy(text, size, buf);
	return n >= 0;
}

static bool touch(int dirfd, const char *path)
{
	return touch_text(dirfd, path, NULL, 0);
}

/* Attributes that take no lock: of PCI devices, then of most others.  */
static const char *const dev_attrs[] = { "msi_bus", "modalias", "uevent" };

bool baseline_touch(int dirfd, const char *device)
{
	char path[NAME_MAX + 16];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(dev_attrs); i++) {
		snprintf(path, sizeof(path), "%s/%s", device, dev_attrs[i]);
		if (touch(dirfd, path))
			return true;
	}
	return false;
}

static bool has_msi_irqs(int dirfd, const char *device)
{
	char path[NAME_MAX + 16];

	snprintf(path, sizeof(path), "%s/msi_irqs", device);
	return !faccessat(dirfd, path, F_OK, 0);
}

static int take_device(void *ctx, int dirfd, const char *name)
{
	struct taking *t = ctx;

	if (!has_msi_irqs(dirfd, name))
		return 0;
	if (baseline_touch(dirfd, name))
		t->bc->devices++;
	else
		t->bc->failed++;
	return t->drain(t->ctx);
}

static int take_bus(void *ctx, int dirfd, const char *name)
{
	char path[NAME_MAX + 16];

	snprintf(path, sizeof(path), "%s/devices", name);
	return each(dirfd, path, take_device, ctx);
}

static int take_irq(void *ctx, int dirfd, const char *name)
{
	struct taking *t = ctx;
	char path[NAME_MAX + 16];

	snprintf(path, sizeof(path), "%s/actions", name);
	if (!touch_text(dirfd, path, t->text, t->size))
		t->bc->failed++;	/* freed meanwhile */
	return t->drain(t->ctx);
}

int baseline_take(struct msi_baseline_counts *bc, int (*drain)(void *ctx), void *ctx)
{
	struct taking t = { .bc = bc, .drain = drain, .ctx = ctx };

	return each(AT_FDCWD, "/sys/bus", take_bus, &t) ?:
	       each(AT_FDCWD, "/sys/kernel/irq", take_irq, &t);
}

int baseline_touch_devices(struct msi_baseline_counts *bc, int (*drain)(void *ctx), void *ctx)
{
	struct taking t = { .bc = bc, .drain = drain, .ctx = ctx };

	return each(AT_FDCWD, "/sys/bus", take_bus, &t);
}

int baseline_touch_irqs(char *actions, size_t size, int (*drain)(void *ctx), void *ctx)
{
	struct msi_baseline_counts bc = { 0 };
	struct taking t = { .bc = &bc, .drain = drain, .ctx = ctx, .text = actions, .size = size };

	return each(AT_FDCWD, "/sys/kernel/irq", take_irq, &t);
}

struct visit {
	int (*fn)(void *ctx, int dirfd, const char *device);
	void *ctx;
};

static int visit_device(void *ctx, int dirfd, const char *name)
{
	struct visit *v = ctx;

	return has_msi_irqs(dirfd, name) ? v->fn(v->ctx, dirfd, name) : 0;
}

static int visit_bus(void *ctx, int dirfd, const char *name)
{
	char path[NAME_MAX + 16];

	snprintf(path, sizeof(path), "%s/devices", name);
	return each(dirfd, path, visit_device, ctx);
}

int baseline_each_device(int (*fn)(void *ctx, int dirfd, const char *device), void *ctx)
{
	struct visit v = { fn, ctx };

	return each(AT_FDCWD, "/sys/bus", visit_bus, &v);
}

static int touch_irq(void *ctx, int dirfd, const char *name)
{
	char path[NAME_MAX + 16];

	(void)ctx;
	snprintf(path, sizeof(path), "%s/actions", name);
	return touch(dirfd, path);
}

bool baseline_touch_irq(void)
{
	return each(AT_FDCWD, "/sys/kernel/irq", touch_irq, NULL) == 1;
}

static int is_remapped(void *ctx, int dirfd, const char *name)
{
	char path[NAME_MAX + 16], chip[64] = "";
	__cleanup_close int fd = -1;

	(void)ctx;
	snprintf(path, sizeof(path), "%s/chip_name", name);
	fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC);
	return fd >= 0 && read(fd, chip, sizeof(chip) - 1) > 3 && !strncmp(chip, "IR-", 3);
}

bool baseline_has_remapping(void)
{
	return each(AT_FDCWD, "/sys/kernel/irq", is_remapped, NULL) == 1;
}

bool baseline_is_xen(void)
{
	__cleanup_close int fd = open("/sys/hypervisor/type", O_RDONLY | O_CLOEXEC);
	char type[16] = "";

	return fd >= 0 && read(fd, type, sizeof(type) - 1) > 2 && !strncmp(type, "xen", 3);
}
