// SPDX-License-Identifier: GPL-2.0-only
/* Small helpers over libc that do no I/O: the validator library may use them.  */
#include <stdlib.h>
#include <string.h>

#include "base/util.h"

void cleanup_free(void *pp)
{
	free(*(void **)pp);
}

_Bool str_copy(char *dst, size_t size, const char *src)
{
	size_t n = strnlen(src, size);

	if (!size)
		return 0;
	if (n < size) {
		memcpy(dst, src, n + 1);
		return 1;
	}
	memcpy(dst, src, size - 1);
	dst[size - 1] = '\0';
	return 0;
}

/* The escaped form of one byte, 1 to 4 characters and a terminator.  */
static size_t escape_byte(char out[5], unsigned char c)
{
	static const char hex[] = "0123456789abcdef";
	const char *named = c == '\n' ? "\\n" : c == '\t' ? "\\t" : c == '\\' ? "\\\\" : NULL;

	if (named) {
		memcpy(out, named, 3);
		return 2;
	}
	if (c >= 0x20 && c < 0x7f) {
		out[0] = (char)c;
		out[1] = '\0';
		return 1;
	}
	out[0] = '\\';
	out[1] = 'x';
	out[2] = hex[c >> 4];
	out[3] = hex[c & 15];
	out[4] = '\0';
	return 4;
}

char *str_escape(char *dst, size_t size, const char *src, size_t max)
{
	size_t pos = 0;
	char esc[5];

	if (!size)
		return dst;
	for (size_t i = 0; i < max && src[i]; i++) {
		size_t n = escape_byte(esc, (unsigned char)src[i]);

		if (pos + n >= size)
			break;
		memcpy(dst + pos, esc, n);
		pos += n;
	}
	dst[pos] = '\0';
	return dst;
}

/* Bytes of the valid UTF-8 sequence at s, of which n bytes exist; 0: it is none.  */
static size_t utf8_sequence(const unsigned char *s, size_t n)
{
	size_t len = s[0] < 0x80 ? 1 : s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 :
		     s[0] < 0xf5 ? 4 : 0;

	if (!len || len > n)
		return 0;
	for (size_t i = 1; i < len; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	if ((s[0] == 0xe0 && s[1] < 0xa0) ||	/* overlong */
	    (s[0] == 0xed && s[1] > 0x9f) ||	/* surrogate */
	    (s[0] == 0xf0 && s[1] < 0x90) ||	/* overlong */
	    (s[0] == 0xf4 && s[1] > 0x8f))	/* too large */
		return 0;
	return len;
}

char *str_utf8(char *dst, size_t size, const char *src, size_t max)
{
	static const char replacement[] = "\xef\xbf\xbd";
	const unsigned char *s = (const unsigned char *)src;
	size_t n = strnlen(src, max), pos = 0;

	if (!size)
		return dst;
	for (size_t i = 0; i < n; ) {
		size_t len = utf8_sequence(s + i, n - i);
		_Bool bad = !len || s[i] == 0x7f || (s[i] == 0xc2 && s[i + 1] < 0xa0);
		size_t put = bad ? 3 : len;

		if (pos + put >= size)
			break;
		memcpy(dst + pos, bad ? replacement : src + i, put);
		pos += put;
		i += len ? len : 1;
	}
	dst[pos] = '\0';
	return dst;
}

char *str_cpus(char *buf, size_t size, uint64_t mask)
{
	size_t len = 0;

	buf[0] = '\0';
	for (unsigned int cpu = 0, first; cpu < 64; cpu++) {
		if (!(mask >> cpu & 1))
			continue;
		if (len + sizeof(",63-63,...") > size) {
			snprintf(buf + len, size - len, ",...");
			break;
		}
		for (first = cpu; cpu < 63 && mask >> (cpu + 1) & 1; cpu++)
			;
		len += (size_t)snprintf(buf + len, size - len, cpu > first ? "%s%u-%u" : "%s%u", len ? "," : "", first, cpu);
	}
	return buf;
}
