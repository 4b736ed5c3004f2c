// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/pci_regs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/util.h"
#include "pci_caps.h"

#ifndef PCI_HEADER_TYPE_MASK	/* of late in linux/pci_regs.h */
#define PCI_HEADER_TYPE_MASK 0x7f
#endif
#define CAPS_MAX 48		/* more do not fit: a loop */

static uint32_t word_at(const uint8_t *config, size_t at)
{
	return config[at] | config[at + 1] << 8;
}

int pci_caps__parse(const uint8_t *config, size_t n, struct pci_caps *out)
{
	uint32_t flags;
	size_t at;
	int i;

	*out = (struct pci_caps){ 0 };
	/* that of vendor and device is what virtual functions have */
	if (n < PCI_STD_HEADER_SIZEOF || word_at(config, PCI_STATUS) == 0xffff)
		return -EIO;
	if (!(word_at(config, PCI_STATUS) & PCI_STATUS_CAP_LIST))
		return 0;
	at = config[PCI_CAPABILITY_LIST] & ~3u;
	for (i = 0; at && i < CAPS_MAX; i++) {
		if (at + 4 > n)
			return n > PCI_STD_HEADER_SIZEOF ? -EIO : -EACCES;
		flags = word_at(config, at + PCI_MSI_FLAGS);	/* that of MSI-X is at the same place */
		if (config[at] == PCI_CAP_ID_MSIX) {
			out->msix = (flags & PCI_MSIX_FLAGS_QSIZE) + 1;
		} else if (config[at] == PCI_CAP_ID_MSI) {
			out->msi = 1u << ((flags & PCI_MSI_FLAGS_QMASK) >> 1);
			out->msi_maskable = flags & PCI_MSI_FLAGS_MASKBIT;
		}
		at = config[at + PCI_CAP_LIST_NEXT] & ~3u;
	}
	return at ? -EIO : 0;
}

/* Up to n bytes of a file; -errno.  */
static ssize_t read_some(const char *dir, const char *file, void *buf, size_t n)
{
	char path[PATH_MAX];
	__cleanup_close int fd = -1;
	ssize_t got;

	if (snprintf(path, sizeof(path), "%s/%s", dir, file) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	got = read(fd, buf, n);
	return got < 0 ? -errno : got;
}

/* Of a bridge the file is about the bus behind it. */
static bool forbids_msi(const char *dir)
{
	char allowed = '1';

	return read_some(dir, "msi_bus", &allowed, 1) == 1 && allowed == '0';
}

/* A bridge above it allows none: directories of sysfs lie in those of their parents.  */
static bool bus_forbids_msi(const char *dir)
{
	char *path = realpath(dir, NULL), *end;
	bool forbidden = false;

	while (path && !forbidden && (end = strrchr(path, '/')) && end > path) {
		*end = '\0';
		forbidden = forbids_msi(path);
	}
	free(path);
	return forbidden;
}

int pci_caps__read(const char *dir, struct pci_caps *out)
{
	uint8_t config[PCI_CFG_SPACE_SIZE];
	ssize_t n = read_some(dir, "config", config, sizeof(config));
	bool bridge;
	int err;

	if (n < 0)
		return n;
	err = pci_caps__parse(config, n, out);
	if (err)
		return err;
	bridge = (config[PCI_HEADER_TYPE] & PCI_HEADER_TYPE_MASK) != PCI_HEADER_TYPE_NORMAL;
	if ((!bridge && forbids_msi(dir)) || bus_forbids_msi(dir))
		out->msix = out->msi = 0;
	return 0;
}
