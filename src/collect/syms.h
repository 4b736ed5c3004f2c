/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Kernel symbols, from /proc/kallsyms: text of the kernel, its modules and BPF images.  Symbols of
 * modules that are gone stay until syms__free(): a finding may name them.
 */
#ifndef MSITRACE_COLLECT_SYMS_H
#define MSITRACE_COLLECT_SYMS_H

#include <stdbool.h>
#include <stdint.h>

#include "msitrace/format.h"

struct syms;

/*
 * Reads `path` (NULL: /proc/kallsyms).  -EPERM: addresses are hidden (kernel.kptr_restrict), -errno of
 * opening it, -ENOMEM.
 */
int syms__new(const char *path, struct syms **out);
void syms__free(struct syms *s);

/* Reads the symbols of modules once more and adds what is new.  */
int syms__reload_modules(struct syms *s);

/* 0, or -ENOENT.  out->name is valid until syms__reload_modules() or syms__free().  */
int syms__find(struct syms *s, uint64_t ip, struct symbol *out);

/* Address of a function of the kernel itself, 0: none.  Slow: looks at every symbol.  */
uint64_t syms__addr(const struct syms *s, const char *name);

/* A trampoline or program of BPF: of no interest in a stack.  */
bool symbol_is_bpf(const struct symbol *sym);

#endif
