// SPDX-License-Identifier: GPL-2.0-only
/*
 * vfio-user - a user of vfio-pci, as a VMM is one: it has MSI-X vectors of a rocker device and gets more of them
 *
 * Usage: vfio-user BDF STEP...
 *   info     print how many vectors there are, and whether one can be added (VFIO_IRQ_INFO_NORESIZE)
 *   busy     from here on, another process makes the device raise vector 0 all the time
 *   grow=N   have N vectors, one more at a time: added where the kernel can do that, else everything is torn down first
 *   drop=I   take the eventfd from vector I
 *   msi=N    ask for N MSIs (not MSI-X), and print how many there are to be had: all, or none is taken
 *   turn     from here on, SIGUSR1 drops the last vector, and adds one; VFIO_USER is the pid
 *   heard    fail if vector 0 has raised no eventfd since the last time
 *   run=CMD  run CMD by the shell, with all as it is
 * BDF is bound to vfio-pci. What it prints itself goes to stderr.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/vfio.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NVEC_MAX 32
#define TEST_IRQ 0x20	/* of BAR 0 of rocker: it raises the vector that is written there */
#define PCI_COMMAND 4
#define PCI_COMMAND_MEMORY_MASTER 6
#define RAISE_US 200
#define HEARD_MS 5000

struct user {
	int device, fds[NVEC_MAX];
	int set[NVEC_MAX];	/* of fds, what the kernel has; -1: none */
	__u64 bar, config;	/* where they are in the file of the device */
	unsigned int nvec;
	pid_t raiser;
};

/* --- the device --------------------------------------------------------------------------- */

static int group_of(const char *bdf)
{
	char link[PATH_MAX], target[PATH_MAX], path[PATH_MAX + 16];
	ssize_t n;

	snprintf(link, sizeof(link), "/sys/bus/pci/devices/%s/iommu_group", bdf);
	n = readlink(link, target, sizeof(target) - 1);
	if (n < 0)
		err(1, "%s", link);
	target[n] = '\0';
	snprintf(path, sizeof(path), "/dev/vfio/%s", strrchr(target, '/') + 1);
	n = open(path, O_RDWR);
	if (n < 0)
		err(1, "%s", path);
	return n;
}

static __u64 region(int device, __u32 index)
{
	struct vfio_region_info info = { .argsz = sizeof(info), .index = index };

	if (ioctl(device, VFIO_DEVICE_GET_REGION_INFO, &info))
		err(1, "VFIO_DEVICE_GET_REGION_INFO %u", index);
	return info.offset;
}

static void device_open(struct user *u, const char *bdf)
{
	int container = open("/dev/vfio/vfio", O_RDWR), group = group_of(bdf);
	__u16 command = PCI_COMMAND_MEMORY_MASTER;

	if (container < 0)
		err(1, "/dev/vfio/vfio");
	if (ioctl(group, VFIO_GROUP_SET_CONTAINER, &container))
		err(1, "VFIO_GROUP_SET_CONTAINER");
	if (ioctl(container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU))
		err(1, "VFIO_SET_IOMMU");
	u->device = ioctl(group, VFIO_GROUP_GET_DEVICE_FD, bdf);
	if (u->device < 0)
		err(1, "VFIO_GROUP_GET_DEVICE_FD %s", bdf);
	u->bar = region(u->device, VFIO_PCI_BAR0_REGION_INDEX);
	u->config = region(u->device, VFIO_PCI_CONFIG_REGION_INDEX);
	if (pwrite(u->device, &command, sizeof(command), u->config + PCI_COMMAND) != sizeof(command))
		err(1, "the command register");
	for (int i = 0; i < NVEC_MAX; i++) {
		u->fds[i] = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
		if (u->fds[i] < 0)
			err(1, "eventfd");
	}
}

static int irq_raise(const struct user *u, __u32 vector)
{
	return pwrite(u->device, &vector, sizeof(vector), u->bar + TEST_IRQ) == sizeof(vector) ? 0 : -errno;
}

/* --- its vectors -------------------------------------------------------------------------- */

static struct vfio_irq_info irq_info(const struct user *u)
{
	struct vfio_irq_info info = { .argsz = sizeof(info), .index = VFIO_PCI_MSIX_IRQ_INDEX };

	if (ioctl(u->device, VFIO_DEVICE_GET_IRQ_INFO, &info))
		err(1, "VFIO_DEVICE_GET_IRQ_INFO");
	return info;
}

/* Vectors start to start + count - 1, and none of them without an eventfd; count 0: all.  More than 0: only so many are to be had. */
static int set_irqs(const struct user *u, __u32 index, __u32 start, __u32 count, const int *fds)
{
	char buf[sizeof(struct vfio_irq_set) + sizeof(u->fds)];
	struct vfio_irq_set *set = (struct vfio_irq_set *)buf;
	int ret;

	*set = (struct vfio_irq_set){
		.argsz = sizeof(*set) + count * sizeof(*fds),
		.flags = VFIO_IRQ_SET_ACTION_TRIGGER | (count ? VFIO_IRQ_SET_DATA_EVENTFD : VFIO_IRQ_SET_DATA_NONE),
		.index = index, .start = start, .count = count,
	};
	if (count)
		memcpy(set->data, fds, count * sizeof(*fds));
	ret = ioctl(u->device, VFIO_DEVICE_SET_IRQS, set);
	if (ret < 0)
		err(1, "VFIO_DEVICE_SET_IRQS of %u vectors from %u on", count, start);
	return ret;
}

static void set_msix(const struct user *u, __u32 start, __u32 count)
{
	if (set_irqs(u, VFIO_PCI_MSIX_IRQ_INDEX, start, count, &u->set[start]))
		errx(1, "%u vectors from %u on are not to be had", count, start);
}

/* All that there are are given back, and there is none until as many and one more are there.  */
static void tear_down(const struct user *u, unsigned int nvec)
{
	struct timespec from, to;

	clock_gettime(CLOCK_MONOTONIC, &from);
	set_msix(u, 0, 0);
	set_msix(u, 0, nvec);
	clock_gettime(CLOCK_MONOTONIC, &to);
	fprintf(stderr, "torn down for %ld us\n", (to.tv_sec - from.tv_sec) * 1000000 + (to.tv_nsec - from.tv_nsec) / 1000);
}

/* What QEMU does when its guest unmasks another one, vfio_msix_vector_do_use().  */
static void grow(struct user *u, unsigned int nvec)
{
	bool noresize = irq_info(u).flags & VFIO_IRQ_INFO_NORESIZE;

	if (nvec > NVEC_MAX)
		errx(1, "%u vectors are more than %u", nvec, NVEC_MAX);
	for (unsigned int n = u->nvec; n < nvec; n++) {
		u->set[n] = u->fds[n];
		if (n && noresize)
			tear_down(u, n + 1);
		else
			set_msix(u, n, 1);
		u->nvec = n + 1;
		usleep(50000);
	}
}

static void drop(struct user *u, unsigned int vector)
{
	u->set[vector] = -1;
	set_msix(u, vector, 1);
}

static void msi(const struct user *u, __u32 count)
{
	int ret = set_irqs(u, VFIO_PCI_MSI_IRQ_INDEX, 0, count, u->fds);

	fprintf(stderr, "%u MSIs asked for, %u to be had\n", count, ret ? (__u32)ret : count);
}

static struct user *turned;

static void turn(int sig)
{
	(void)sig;
	drop(turned, turned->nvec - 1);
	grow(turned, turned->nvec + 1);
}

/* --- steps -------------------------------------------------------------------------------- */

static void busy(struct user *u)
{
	u->raiser = fork();
	if (u->raiser < 0)
		err(1, "fork");
	if (u->raiser)
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (!irq_raise(u, 0))
		usleep(RAISE_US);
	_exit(1);
}

static void heard(const struct user *u)
{
	struct pollfd p = { .fd = u->fds[0], .events = POLLIN };
	__u64 n;

	while (read(p.fd, &n, sizeof(n)) > 0)
		;
	if (!u->raiser && irq_raise(u, 0))
		err(1, "raise");
	if (poll(&p, 1, HEARD_MS) != 1)
		errx(1, "vector 0 is not heard");
}

static void run(const char *command)
{
	int status = system(command);

	if (status)
		errx(1, "%s: status %d", command, WIFEXITED(status) ? WEXITSTATUS(status) : status);
}

static void info(const struct user *u)
{
	struct vfio_irq_info i = irq_info(u);

	fprintf(stderr, "%u vectors, %s\n", i.count,
		i.flags & VFIO_IRQ_INFO_NORESIZE ? "all or none" : "one can be added");
}

static void step(struct user *u, const char *what)
{
	const char *value = strchr(what, '=');

	value = value ? value + 1 : "";
	if (!strcmp(what, "info"))
		info(u);
	else if (!strcmp(what, "busy"))
		busy(u);
	else if (!strncmp(what, "grow=", 5))
		grow(u, strtoul(value, NULL, 10));
	else if (!strncmp(what, "drop=", 5))
		drop(u, strtoul(value, NULL, 10));
	else if (!strncmp(what, "msi=", 4))
		msi(u, strtoul(value, NULL, 10));
	else if (!strcmp(what, "turn"))
		sigaction(SIGUSR1, &(struct sigaction){ .sa_handler = turn, .sa_flags = SA_RESTART }, NULL);
	else if (!strcmp(what, "heard"))
		heard(u);
	else if (!strncmp(what, "run=", 4))
		run(value);
	else
		errx(2, "no such step: %s", what);
}

int main(int argc, char **argv)
{
	struct user u = {};
	char pid[16];

	if (argc < 2)
		errx(2, "usage: vfio-user BDF STEP...");
	turned = &u;
	snprintf(pid, sizeof(pid), "%d", getpid());
	setenv("VFIO_USER", pid, 1);
	device_open(&u, argv[1]);
	for (int i = 2; i < argc; i++)
		step(&u, argv[i]);
	if (u.raiser) {
		kill(u.raiser, SIGKILL);
		waitpid(u.raiser, NULL, 0);
	}
	return 0;
}
