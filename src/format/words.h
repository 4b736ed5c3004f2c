/* SPDX-License-Identifier: GPL-2.0-only */
/* Values as words, shared by the formats.  Buffers are always terminated and returned.  */
#ifndef MSITRACE_FORMAT_WORDS_H
#define MSITRACE_FORMAT_WORDS_H

#include "msitrace/format.h"

#define WORDS_LEN 128		/* is enough for any of the functions below */
#define FRAME_LEN 192		/* longer symbols are cut */

struct flag_word {
	uint32_t bit;
	const char *word;
};

/* By enum msi_lost_source.  */
extern const struct lost_words {
	const char *word, *how, *hint;
} lost_words[MSI_LOST_MAX];

/* Rows of a flags kind (FIELD_DFLAGS, FIELD_IRQD, ...), ended by a NULL word.  NULL: no such kind.  */
const struct flag_word *flag_words(enum field_kind kind);

/* "activated,started"; bits without a name as a number at the end; "" for 0.  */
char *words_flags(char *buf, size_t size, enum field_kind kind, uint64_t value);

/* What a number means where it is an enum or an event type; NULL: it is just a number.  */
const char *word_enum(const struct event_desc *ed, const struct field_desc *fd, uint64_t value);

char *words_ns(char *buf, size_t size, uint64_t ns);		/* "12.3 us", three digits */
char *words_signed_ns(char *buf, size_t size, uint64_t ns, uint64_t origin);	/* "-12.3 ms" */
char *words_seconds(char *buf, size_t size, uint64_t ns);	/* "0.000001023", exact */
char *words_ret(char *buf, size_t size, int32_t ret);		/* "-ENOSPC", "0", "4" */

/* "exited with 1", "was killed by SIGSEGV" */
char *words_status(char *buf, size_t size, int status);

/*
 * The symbol of a frame.  Frames after the first are return addresses: one that is the very begin
 * of a function belongs to the call that ends the function before.  0, or -ENOENT.
 */
int frame_symbol(const struct format_env *env, uint64_t ip, bool innermost, struct symbol *out);

/*
 * Source lines of a frame whose symbol was found; those of a return address are of the call before it,
 * those of a function that a hook has just entered are of its head, not of what happens to come first.
 * Not for where only the name matters: the first of a file is slow.
 */
void frame_source(const struct format_env *env, uint64_t ip, bool innermost, struct symbol *sym);

/*
 * " drivers/pci/msi/msi.c:123", of the path as many directories from its end as fit into `room`; "" where
 * `file` is NULL.  Escaped.
 */
char *words_source(char *buf, size_t size, const char *file, unsigned int line, size_t room);

/* "nvme_irq [nvme]", "pci_msi_mask_irq+0x1c"; escaped.  with_offset: also when it is 0.  */
char *words_symbol(char *buf, size_t size, const struct symbol *sym, bool with_offset);

/* A text address, from its symbol; without one its number when verbose, else "?".  */
char *words_ip(char *buf, size_t size, const struct format_env *env, uint64_t ip);

/* Is this frame the same in every stack: system call entry, thread start, our own BPF program?  */
bool frame_is_bottom(const struct symbol *sym);
bool frame_is_ours(const struct symbol *sym);

/*
 * The function to blame: the innermost of a module, else the innermost that is neither the interrupt
 * core nor what calls every driver.  Its place in the stack; -1: none stands out.
 */
int stack_culprit(const struct format_env *env, const uint64_t *ip, uint32_t nr);

/* Prints escaped (see str_escape()), and says how long that is.  */
void put_escaped(FILE *out, const char *s, size_t max);
size_t escaped_len(const char *s, size_t max);

/* 0, or -errno of what was written since errno was set to 0; does not flush.  */
int write_error(FILE *out);

#endif
