/* SPDX-License-Identifier: GPL-2.0-only */
/* Small helpers over libc.  */
#ifndef MSITRACE_BASE_UTIL_H
#define MSITRACE_BASE_UTIL_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* Runs fn(&variable) at the end of its scope.  */
#define __cleanup(fn) __attribute__((__cleanup__(fn)))
#define __cleanup_free __cleanup(cleanup_free)
#define __cleanup_fclose __cleanup(cleanup_fclose)
#define __cleanup_close __cleanup(cleanup_close)

/* The value of a pointer, which is NULL afterwards: ownership goes to the reader.  */
#define TAKE_PTR(p) ({ __typeof__(p) *take_ptr_ = &(p); \
		       __typeof__(p) taken_ = *take_ptr_; *take_ptr_ = NULL; taken_; })

void cleanup_free(void *pp);		/* void ** */
void cleanup_fclose(FILE **fp);
void cleanup_close(int *fd);		/* negative: none */

/* Copies what fits and always terminates, if there is a byte at all.  False: it was cut.  */
_Bool str_copy(char *dst, size_t size, const char *src);

/* Space that str_escape() needs for n source bytes in the worst case.  */
#define STR_ESCAPED(n) (4 * (n) + 1)

/* As a length: up to the terminator.  */
#define STR_ALL ((size_t)PTRDIFF_MAX)

/*
 * Copies a string that nobody vouches for so that a terminal may see it: what is not printable
 * ASCII becomes \n, \t or \xHH, a backslash \\.  Never cuts an escape in half.  Returns dst.  src
 * is read up to its terminator or `max` bytes.
 */
char *str_escape(char *dst, size_t size, const char *src, size_t max);

/* "0-3,8": the CPUs of a mask, "" for none.  What does not fit becomes ",...".  Returns buf, of at least 16 bytes.  */
char *str_cpus(char *buf, size_t size, uint64_t mask);

/*
 * Copies a string as valid UTF-8 (invalid bytes, DEL and the C1 controls become U+FFFD); other
 * control bytes are left to the writer.  size must be at least 3 * max + 1.  Returns dst.
 */
char *str_utf8(char *dst, size_t size, const char *src, size_t max);

/*
 * The first line of a file, without its end.  False: there is none, or it is longer; buf has what was read, "" for nothing.
 */
_Bool file_line(const char *path, char *buf, size_t size);

/* Writes out what is buffered.  0, or -errno (-EPIPE, -ENOSPC, -EIO when libc forgot which).  */
int file_flush(FILE *f);

#endif
