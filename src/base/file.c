// SPDX-License-Identifier: GPL-2.0-only
/* The helpers of util.h that do I/O.  */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/util.h"

void cleanup_fclose(FILE **fp)
{
	if (*fp)
		fclose(*fp);
}

void cleanup_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

_Bool file_line(const char *path, char *buf, size_t size)
{
	__cleanup_fclose FILE *f = fopen(path, "re");
	size_t len;

	if (!f || !fgets(buf, (int)size, f)) {
		buf[0] = '\0';
		return 0;
	}
	len = strcspn(buf, "\n");
	if (!buf[len])
		return len + 1 < size;
	buf[len] = '\0';
	return 1;
}

int file_flush(FILE *f)
{
	errno = 0;
	if (fflush(f) || ferror(f))
		return errno ? -errno : -EIO;
	return 0;
}
