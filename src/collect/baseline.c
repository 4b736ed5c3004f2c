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
};

/* Reads an attribute for its side effect.  */
static bool touch(int dirfd, const char *path)
{
	__cleanup_close int fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC);
	char buf[4096];

	return fd >= 0 && read(fd, buf, sizeof(buf)) >= 0;
}

/* Attributes that take no lock: of PCI devices, then of most others.  */
static const char *const dev_attrs[] = { "msi_bus", "modalias", "uevent" };

static int take_device(void *ctx, int dirfd, const char *name)
{
	struct taking *t = ctx;
	char path[NAME_MAX + 16];
	size_t i;

	snprintf(path, sizeof(path), "%s/msi_irqs", name);
	if (faccessat(dirfd, path, F_OK, 0))
		return 0;
	for (i = 0; i < ARRAY_SIZE(dev_attrs); i++) {
		snprintf(path, sizeof(path), "%s/%s", name, dev_attrs[i]);
		if (touch(dirfd, path))
			break;
	}
	if (i == ARRAY_SIZE(dev_attrs))
		t->bc->failed++;
	else
		t->bc->devices++;
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
	if (!touch(dirfd, path))
		t->bc->failed++;	/* freed meanwhile */
	return t->drain(t->ctx);
}

int baseline_take(struct msi_baseline_counts *bc, int (*drain)(void *ctx), void *ctx)
{
	struct taking t = { bc, drain, ctx };

	return each(AT_FDCWD, "/sys/bus", take_bus, &t) ?:
	       each(AT_FDCWD, "/sys/kernel/irq", take_irq, &t);
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
