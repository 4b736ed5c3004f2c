/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Kernel symbols, from /proc/kallsyms: text of the kernel, its modules and BPF images.
 *
 * Of the kernel itself only addresses are kept until somebody asks for a name: it does not go away, and
 * its names are most of the memory.  Modules are read at start and whenever one is loaded, and kept:
 * the one that a finding names may be gone when the finding is printed.
 */
#ifndef MSITRACE_COLLECT_SYMS_H
#define MSITRACE_COLLECT_SYMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "msitrace/format.h"

struct syms;

#define SYMS_DATA_MAX 16	/* variables that are found at once */

/* A function or a variable whose address is wanted, or which is to be recognised by its address.  */
struct syms_wanted {
	const char *name;	/* NULL: nothing */
	uint64_t addr;		/* set by syms__new(); 0: there is none in the kernel itself */
	unsigned int tag;	/* not 0: what syms__tag() says of it, and of parts like name.cold */
	bool data;		/* a variable */
};

/*
 * Reads `path` (NULL: /proc/kallsyms).  -EPERM: addresses are hidden (kernel.kptr_restrict), -errno of
 * opening it, -ENOMEM.
 */
int syms__new(const char *path, struct syms_wanted *wanted, size_t nr_wanted, struct syms **out);
void syms__free(struct syms *s);

/* Reads the symbols of modules once more and adds what is new.  */
int syms__reload_modules(struct syms *s);

/* Start of the function that an address is in, 0: none is known.  Needs no names.  */
uint64_t syms__function(const struct syms *s, uint64_t ip);

/* Is this start of a function that of a BPF program or trampoline?  */
bool syms__is_bpf(const struct syms *s, uint64_t function);

/* The tag that the start of a function was given, 0: none.  */
unsigned int syms__tag(const struct syms *s, uint64_t function);

/* Is it the first C function of an interrupt?  */
bool syms__is_interrupt_entry(const struct syms *s, uint64_t function);

/*
 * "rtnl_mutex", "cma_area+0x20 [mod]": the variable that an address is in.  Reads the whole file, since
 * variables are not kept.  0, -ENOENT, -errno of opening it.
 */
int syms__variable(const struct syms *s, uint64_t addr, char *buf, size_t size);

/* 0, or -ENOENT.  out->name is valid until syms__reload_modules() or syms__free().  */
int syms__find(struct syms *s, uint64_t ip, struct symbol *out);

#endif
