// SPDX-License-Identifier: GPL-2.0-only
/* The helpers of util.h that do I/O.  */
#include <errno.h>
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

int file_flush(FILE *f)
{
	errno = 0;
	if (fflush(f) || ferror(f))
		return errno ? -errno : -EIO;
	return 0;
}
