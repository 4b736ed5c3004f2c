# SPDX-License-Identifier: GPL-2.0-only
# One makefile for everything; products go to $(O).  `make help` lists the targets.

O	?= .output
# One spelling, since the dependencies of an object name it.
override O := $(patsubst $(CURDIR)/%,%,$(abspath $(O)))
V	?= 0
CC	?= gcc
CLANG	?= clang
LLVM_STRIP ?= $(firstword $(shell command -v llvm-strip llvm-strip-14 2>/dev/null) llvm-strip)
BPFTOOL	?= bpftool
ARCH	?= x86
PREFIX	?= /usr/local
CFLAGS	?= -O2 -g

VERSION := $(shell sed -n '1s/.*\[\(.*\)\].*/\1/p' CHANGELOG.md 2>/dev/null)

ifeq ($(V),0)
Q = @
msg = @printf '  %-8s %s\n' "$(1)" "$(patsubst $(O)/%,%,$(2))"
else
msg = @:
endif

# --- what it is made of ------------------------------------------------------------------------

bpf_src		:= $(wildcard bpf/*.bpf.c)
base_src	:= $(filter-out src/base/table_%.c,$(wildcard src/base/*.c))
event_src	:= $(wildcard src/event/*.c)
rule_src	:= $(wildcard src/validator/rules/*.c)
validator_src	:= $(wildcard src/validator/*.c) $(rule_src)
stats_src	:= $(wildcard src/stats/*.c)
ledger_src	:= $(wildcard src/ledger/*.c)
format_src	:= $(wildcard src/format/*.c)
collect_src	:= $(filter-out src/collect/debug%.c,$(wildcard src/collect/*.c))
cmd_src		:= $(wildcard src/cmd/*.c) src/main.c
src		:= $(base_src) $(event_src) $(validator_src) $(stats_src) $(ledger_src) $(format_src) $(collect_src) \
		   $(cmd_src)

have_scols	:= $(shell pkg-config --exists smartcols 2>/dev/null && echo y)
table_src	:= src/base/table_$(if $(have_scols),scols,plain).c
scols_flags	:= $(if $(have_scols),-DHAVE_SMARTCOLS)
scols_libs	:= $(if $(have_scols),-lsmartcols)

warnings	:= -Wall -Wextra -Wshadow -Wmissing-prototypes
all_cflags	= -std=gnu11 $(warnings) -Iinclude -Isrc -I$(O)/gen -D_GNU_SOURCE \
		  -DMSITRACE_VERSION='"$(VERSION)"' $(CFLAGS) $(CPPFLAGS)
libs		:= -lbpf -lelf -lz -ljson-c

# Source lines in stacks.
have_libdw	:= $(shell pkg-config --exists libdw 2>/dev/null && echo y)
no_lines_src	:= src/collect/debuginfo_none.c
lines_src	:= $(if $(have_libdw),$(filter-out $(no_lines_src),$(wildcard src/collect/debug*.c)),$(no_lines_src))
libdw_libs	:= $(if $(have_libdw),-ldw)

obj		= $(patsubst %.c,$(O)/obj/%.o,$(1))

.PHONY: all static help clean check check-fast demo bench doc install vmlinux-h
all: $(O)/msitrace $(O)/libmsivalidator.a doc

help:
	@sed -n 's/^## //p' Makefile

## make             msitrace, with the libraries of this machine
## make static      $(O)/static/msitrace: one binary for any distribution and kernel
## make check       all tests; kernels are fetched once and run in QEMU
## make check-fast  the tests that need no QEMU
## make check-kernels  beside lockdep, and with old bugs put back: kernels are built once
## make demo        the tour: a Debian kernel, real drivers, a verdict, a broken module
## make bench       measurements, as in the README
## make fuzz        libFuzzer on the validator and the options, FUZZ_SECONDS (30) each
## make fuzz-corpus adds what it found to tests/fuzz/corpus
## make rules-status   what is proven of each rule, into the README
## make doc         man pages
## make install     into PREFIX (/usr/local) below DESTDIR
## make vmlinux-h VMLINUX=FILE   vmlinux/x86/vmlinux.h anew
## make clean       removes $(O)
## V=1 shows commands, O=DIR puts products elsewhere

# --- BPF ---------------------------------------------------------------------------------------

# Compiled as one: a tenth of the static binary less than what bpftool links from an object each.
$(O)/bpf/all.bpf.c: $(bpf_src) Makefile | $(O)/bpf
	$(Q)printf '#include "%s"\n' $(notdir $(bpf_src)) > $@

$(O)/bpf/all.bpf.o: $(O)/bpf/all.bpf.c
	$(call msg,BPF,$@)
	$(Q)$(CLANG) -g -O2 -Wall -Wextra -Wno-unused-parameter -target bpf -D__TARGET_ARCH_$(ARCH) \
		-Ivmlinux/$(ARCH) -Iinclude -Ibpf -MMD -MP -MF $(@:.o=.d) -MT $@ -c $< -o $@.tmp
	$(Q)$(LLVM_STRIP) -g -R .rel.BTF.ext $@.tmp && mv $@.tmp $@

$(O)/gen/msitrace.skel.h: $(O)/bpf/all.bpf.o | $(O)/gen
	$(call msg,SKEL,$@)
	$(Q)$(BPFTOOL) gen skeleton $< name msitrace > $@.tmp && mv $@.tmp $@

$(call obj,src/collect/collect.c): $(O)/gen/msitrace.skel.h

vmlinux-h:
	scripts/gen-vmlinux-h $(VMLINUX) > vmlinux/$(ARCH)/vmlinux.h.tmp
	mv vmlinux/$(ARCH)/vmlinux.h.tmp vmlinux/$(ARCH)/vmlinux.h

# --- generated ---------------------------------------------------------------------------------

# The rules are the files of src/validator/rules/.
$(O)/gen/rules_list.h: $(rule_src) src/validator/rules | $(O)/gen
	$(call msg,GEN,$@)
	$(Q)for f in $(sort $(basename $(notdir $(rule_src)))); do echo "RULE($$f)"; done > $@.tmp; \
		cmp -s $@.tmp $@ && { rm $@.tmp; touch $@; } || mv $@.tmp $@

$(call obj,$(wildcard src/validator/*.c)): $(O)/gen/rules_list.h

# --- C -----------------------------------------------------------------------------------------

$(O)/obj/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(call msg,CC,$@)
	$(Q)$(CC) $(all_cflags) -MMD -MP -MF $(@:.o=.d) -MT $@ -c $< -o $@

$(O)/obj/src/base/table_scols.o: CPPFLAGS += -DHAVE_SMARTCOLS

$(O)/libmsivalidator.a: $(call obj,$(validator_src) $(event_src) src/base/util.c)
	$(call msg,AR,$@)
	$(Q)rm -f $@ && ar rcs $@ $^

$(O)/msitrace: $(call obj,$(src) $(table_src) $(lines_src))
	$(call msg,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $^ -o $@ $(libdw_libs) $(libs) $(scols_libs)

static: $(O)/static/msitrace

# Debian has no static libsmartcols: the static binary prints its tables by itself. libdw is
# large, and loads another library by dlopen(): its stacks have no source lines.
$(O)/static/msitrace: $(call obj,$(src) src/base/table_plain.c $(no_lines_src))
	@mkdir -p $(@D)
	$(call msg,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -static -Wl,--gc-sections $^ -o $@.tmp $(libs)
	$(Q)strip -o $@ $@.tmp && rm $@.tmp

$(O)/bpf $(O)/gen:
	@mkdir -p $@

# --- documentation -----------------------------------------------------------------------------

doc: $(patsubst src/man/%.scd,$(O)/man/%,$(wildcard src/man/*.scd))

$(O)/man/%: src/man/%.scd
	@mkdir -p $(@D)
	$(call msg,SCDOC,$@)
	$(Q)scdoc < $< > $@.tmp && mv $@.tmp $@

install: all
	install -D -m 755 $(O)/msitrace $(DESTDIR)$(PREFIX)/bin/msitrace
	install -D -m 644 $(O)/man/msitrace.1 $(DESTDIR)$(PREFIX)/share/man/man1/msitrace.1
	install -D -m 644 src/completion/msitrace.bash \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions/msitrace

# --- tests -------------------------------------------------------------------------------------

include tests/tests.mk

clean:
	rm -rf $(O)

-include $(shell find $(O) -name '*.d' 2>/dev/null)
