// SPDX-License-Identifier: GPL-2.0-only
/* src/collect/pci_caps.c: how many interrupts a device offers.  */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <errno.h>
#include <linux/pci_regs.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "collect/pci_caps.h"

static uint8_t config[PCI_CFG_SPACE_SIZE];

/* A device with MSI-X (`msix` entries) at 0x40, power management at 0x50 and MSI (1 << mmc vectors) at 0x60.  */
static void fill(uint32_t msix, uint32_t mmc)
{
	memset(config, 0, sizeof(config));
	config[PCI_VENDOR_ID] = 0x36;
	config[PCI_VENDOR_ID + 1] = 0x1b;
	config[PCI_STATUS] = PCI_STATUS_CAP_LIST;
	config[PCI_CAPABILITY_LIST] = 0x40;
	config[0x40] = PCI_CAP_ID_MSIX;
	config[0x41] = 0x50;
	config[0x42] = (msix - 1) & 0xff;
	config[0x43] = (msix - 1) >> 8 | 0x80;		/* enabled */
	config[0x50] = PCI_CAP_ID_PM;
	config[0x51] = 0x60;
	config[0x60] = PCI_CAP_ID_MSI;
	config[0x62] = mmc << 1 | 1;
}

static void both(void **state)
{
	struct pci_caps c;

	(void)state;
	fill(2048, 5);
	assert_int_equal(pci_caps__parse(config, sizeof(config), &c), 0);
	assert_int_equal(c.msix, 2048);
	assert_int_equal(c.msi, 32);
	assert_false(c.msi_maskable);
	fill(1, 0);
	config[0x63] = PCI_MSI_FLAGS_MASKBIT >> 8;
	assert_int_equal(pci_caps__parse(config, sizeof(config), &c), 0);
	assert_int_equal(c.msix, 1);
	assert_int_equal(c.msi, 1);
	assert_true(c.msi_maskable);
}

/* Of a virtual function these two are all ones (PCIe base specification, 9.3.4.1).  */
static void virtual_function(void **state)
{
	struct pci_caps c;

	(void)state;
	fill(8, 0);
	memset(config + PCI_VENDOR_ID, 0xff, 4);
	assert_int_equal(pci_caps__parse(config, sizeof(config), &c), 0);
	assert_int_equal(c.msix, 8);
}

static void none(void **state)
{
	struct pci_caps c = { .msi = 1 };

	(void)state;
	fill(1, 0);
	config[PCI_STATUS] = 0;
	assert_int_equal(pci_caps__parse(config, sizeof(config), &c), 0);
	assert_int_equal(c.msi + c.msix, 0);
}

static void not_whole(void **state)
{
	struct pci_caps c;

	(void)state;
	fill(1, 0);
	assert_int_equal(pci_caps__parse(config, PCI_STD_HEADER_SIZEOF, &c), -EACCES);	/* what others may read */
	assert_int_equal(pci_caps__parse(config, PCI_STD_HEADER_SIZEOF - 1, &c), -EIO);
	config[0x61] = 0x40;		/* a loop */
	assert_int_equal(pci_caps__parse(config, sizeof(config), &c), -EIO);
	memset(config, 0xff, sizeof(config));	/* it is gone */
	assert_int_equal(pci_caps__parse(config, sizeof(config), &c), -EIO);
}

static void write_file(const char *dir, const char *name, const void *what, size_t n)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(what, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

/* A bridge, and a device behind it.  */
static char top[] = "/tmp/pci_caps.XXXXXX", bridge[64], device[128];

static uint32_t offers(const char *dir)
{
	struct pci_caps c;

	assert_int_equal(pci_caps__read(dir, &c), 0);
	return c.msix;
}

static void from_sysfs(void **state)
{
	struct pci_caps c;

	(void)state;
	assert_int_equal(pci_caps__read(device, &c), -ENOENT);
	fill(64, 0);
	write_file(device, "config", config, sizeof(config));
	config[PCI_HEADER_TYPE] = PCI_HEADER_TYPE_BRIDGE;
	write_file(bridge, "config", config, sizeof(config));
	assert_int_equal(offers(device), 64);
	write_file(device, "msi_bus", "0\n", 2);
	assert_int_equal(offers(device), 0);
	write_file(device, "msi_bus", "1\n", 2);
	assert_int_equal(offers(device), 64);
	write_file(bridge, "msi_bus", "0\n", 2);	/* what is behind it */
	assert_int_equal(offers(device), 0);
	assert_int_equal(offers(bridge), 64);
}

static int make_dirs(void **state)
{
	(void)state;
	if (!mkdtemp(top))
		return -1;
	snprintf(bridge, sizeof(bridge), "%s/b", top);
	snprintf(device, sizeof(device), "%s/d", bridge);
	return mkdir(bridge, 0700) || mkdir(device, 0700) ? -1 : 0;
}

static int remove_dirs(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -r %s", top);
	return system(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both),
		cmocka_unit_test(virtual_function),
		cmocka_unit_test(none),
		cmocka_unit_test(not_whole),
		cmocka_unit_test_setup_teardown(from_sysfs, make_dirs, remove_dirs),
	};

	return cmocka_run_group_tests_name("pci_caps", tests, NULL, NULL);
}
