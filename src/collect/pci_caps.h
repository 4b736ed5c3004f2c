/* SPDX-License-Identifier: GPL-2.0-only */
/* How many interrupts a PCI device offers: from its configuration space, as sysfs shows it.  */
#ifndef MSITRACE_COLLECT_PCI_CAPS_H
#define MSITRACE_COLLECT_PCI_CAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pci_caps {
	uint32_t msix, msi;	/* vectors; 0: no such capability */
	bool msi_maskable;	/* each vector of MSI can be masked */
};

/*
 * dir: of the device in sysfs. A device that is allowed no MSI (the files msi_bus of it and of the bridges above) offers
 * none.  0 or -errno; -EACCES: not all of it can be read without CAP_SYS_ADMIN; -EIO: the device does not answer.
 */
int pci_caps__read(const char *dir, struct pci_caps *out);

/* From n bytes of it.  0; -EIO: it is none; -EACCES: it ends before its capabilities do.  */
int pci_caps__parse(const uint8_t *config, size_t n, struct pci_caps *out);

#endif
