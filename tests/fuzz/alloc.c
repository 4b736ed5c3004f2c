// SPDX-License-Identifier: GPL-2.0-only
/* malloc() and friends of the objects that are linked with --wrap; see alloc.h.  */
#include <malloc.h>
#include <stdlib.h>

#include "alloc.h"

void *__real_malloc(size_t size);
void *__real_calloc(size_t nr, size_t size);
void *__real_realloc(void *p, size_t size);
void __real_free(void *p);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t nr, size_t size);
void *__wrap_realloc(void *p, size_t size);
void __wrap_free(void *p);

static struct {
	unsigned int nth, seen;
	bool once, armed, failed;
	long live, bytes;
} st;

void alloc_fail_every(unsigned int n)
{
	st.nth = n;
	st.seen = 0;
	st.once = st.failed = false;
}

void alloc_fail_once(unsigned int n)
{
	alloc_fail_every(n);
	st.once = true;
}

void alloc_arm(void)
{
	st.armed = true;
}

void alloc_disarm(void)
{
	st.armed = false;
}

bool alloc_failed(void)
{
	return st.failed;
}

unsigned int alloc_seen(void)
{
	return st.seen;
}

long alloc_live(void)
{
	return st.live;
}

long alloc_bytes(void)
{
	return st.bytes;
}

static bool fails(void)
{
	if (!st.armed)
		return false;
	st.seen++;
	if (!st.nth)
		return false;
	if (st.once ? st.seen != st.nth : st.seen % st.nth)
		return false;
	st.failed = true;
	return true;
}

static void *counted(void *p)
{
	if (!p)
		return p;
	st.live++;
	st.bytes += malloc_usable_size(p);
	return p;
}

static void uncount(void *p)
{
	if (!p)
		return;
	st.live--;
	st.bytes -= malloc_usable_size(p);
}

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : counted(__real_malloc(size));
}

void *__wrap_calloc(size_t nr, size_t size)
{
	return fails() ? NULL : counted(__real_calloc(nr, size));
}

void *__wrap_realloc(void *p, size_t size)
{
	if (fails())
		return NULL;
	uncount(p);
	return counted(__real_realloc(p, size));
}

void __wrap_free(void *p)
{
	uncount(p);
	__real_free(p);
}
