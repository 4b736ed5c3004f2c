/* SPDX-License-Identifier: GPL-2.0-only */
/* When something happened, and who did it.  */
#ifndef MSITRACE_VALIDATOR_MOMENT_H
#define MSITRACE_VALIDATOR_MOMENT_H

#include <stdint.h>

#include "msitrace/event.h"

enum moment_how {
	MOMENT_NONE = 0,	/* nothing is known about it */
	MOMENT_SEEN,
	MOMENT_BEFORE,		/* before msitrace attached */
};

struct moment {
	uint64_t ts_ns;
	uint32_t pid, tid;
	char comm[MSI_COMM_LEN];
	uint32_t stack;		/* of the stack depot */
	uint16_t hook;
	uint8_t how;		/* enum moment_how */
	uint8_t pad;
};

#endif
