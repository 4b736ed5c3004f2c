# SPDX-License-Identifier: GPL-2.0-only
# Included by the Makefile: what is built to test, and how it is run.
#
#   make check TESTS=tests/vm/late.t          only these; MSITRACE_TEST_KERNELS=7.2 only on this
#   make check-fast TESTS=$(O)/tests/unit/test_map

comma	:= ,
kernels := $(or $(MSITRACE_TEST_KERNELS),6.1 7.2)
t	:= $(O)/tests

# --- programs: each file of tests/unit is one, tests/rules is one ------------------------------

tested_src	:= $(base_src) $(event_src) $(validator_src) $(stats_src) $(ledger_src) $(format_src) $(table_src) \
		   src/collect/context.c src/collect/syms.c src/collect/sysfs_list.c \
		   src/collect/pci_caps.c $(lines_src)
unit_src	:= $(wildcard tests/unit/test_*.c)
unit_bin	:= $(patsubst tests/unit/%.c,$(t)/unit/%,$(unit_src))
rules_src	:= tests/rules/run_rules.c tests/rules/trace_text.c
unit_libs	:= -lcmocka $(libdw_libs) $(if $(have_libdw),-lelf) -ljson-c $(scols_libs)

# The same programs once more with the sanitizers, from objects of their own.
san_flags	:= -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
san_bin		:= $(patsubst $(t)/%,$(t)/san/%,$(unit_bin)) $(t)/san/run_rules
san_obj		= $(patsubst %.c,$(O)/san/%.o,$(1))
test_flags	:= -Itests/unit -Itests/rules -Itests/fuzz

$(O)/obj/tests/%.o: CPPFLAGS += $(test_flags)

$(O)/san/%.o: %.c Makefile tests/tests.mk
	@mkdir -p $(@D)
	$(call msg,CC SAN,$@)
	$(Q)$(CC) $(all_cflags) $(test_flags) $(if $(filter %table_scols.c,$<),-DHAVE_SMARTCOLS) \
		$(san_flags) -MMD -MP -MF $(@:.o=.d) -MT $@ -c $< -o $@

$(call san_obj,$(wildcard src/validator/*.c)): $(O)/gen/rules_list.h

$(t)/libtested.a: $(call obj,$(tested_src) tests/rules/trace_text.c)
$(t)/san/libtested.a: $(call san_obj,$(tested_src) tests/rules/trace_text.c)
$(t)/libtested.a $(t)/san/libtested.a: tests/tests.mk
	@mkdir -p $(@D)
	$(call msg,AR,$@)
	$(Q)rm -f $@ && ar rcs $@ $(filter %.o,$^)

$(t)/unit/%: $(O)/obj/tests/unit/%.o $(t)/libtested.a
	@mkdir -p $(@D)
	$(call msg,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $^ -o $@ $(unit_libs)

$(t)/san/unit/%: $(O)/san/tests/unit/%.o $(t)/san/libtested.a
	@mkdir -p $(@D)
	$(call msg,LINK,$@)
	$(Q)$(CC) $(san_flags) $(LDFLAGS) $^ -o $@ $(unit_libs)

# Without the libraries that only formats and listings need: the validator alone.
$(t)/run_rules: $(call obj,$(rules_src)) $(O)/libmsivalidator.a
	@mkdir -p $(@D)
	$(call msg,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $^ -o $@

$(t)/san/run_rules: $(call san_obj,tests/rules/run_rules.c) $(t)/san/libtested.a
	@mkdir -p $(@D)
	$(call msg,LINK,$@)
	$(Q)$(CC) $(san_flags) $(LDFLAGS) $^ -o $@ $(unit_libs)

# Programs with tests/fuzz/alloc.c: it makes allocations fail, and counts them.
alloc_wrap	:= $(patsubst %,-Wl$(comma)--wrap=%,malloc calloc realloc free)
alloc_users	:= $(addsuffix /unit/test_honesty,$(t) $(t)/san) $(addsuffix /unit/test_bounded,$(t) $(t)/san)
$(alloc_users) $(t)/san/replay_validator $(O)/fuzz/validator: LDFLAGS += $(alloc_wrap)
$(filter $(t)/unit/%,$(alloc_users)): $(call obj,tests/fuzz/alloc.c tests/fuzz/model_check.c)
$(filter $(t)/san/%,$(alloc_users)): $(call san_obj,tests/fuzz/alloc.c tests/fuzz/model_check.c)

# Programs for the guests of tests/vm.
guest_src	:= $(wildcard tests/vm/*.c)
guest_bin	:= $(patsubst tests/vm/%.c,$(t)/vm/%,$(guest_src))

$(t)/vm/%: $(O)/obj/tests/vm/%.o
	@mkdir -p $(@D)
	$(call msg,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -static $^ -o $@

# --- fuzzers: each tests/fuzz/fuzz_TARGET.c; CONTRIBUTING, "Fuzzing" ------------------------------

fuzz_targets	:= $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
fuzz_src_validator := $(addprefix tests/fuzz/,fuzz_validator.c records.c model_check.c alloc.c)
fuzz_src_formats := $(addprefix tests/fuzz/,fuzz_formats.c records.c)
fuzz_src_options := tests/fuzz/fuzz_options.c src/cmd/options.c
fuzz_mutate_validator := tests/fuzz/mutate_records.c
fuzz_mutate_formats := tests/fuzz/mutate_records.c
fuzz_src	:= $(sort $(wildcard tests/fuzz/*.c))
replay_bin	:= $(patsubst %,$(t)/san/replay_%,$(fuzz_targets))
fuzz_bin	:= $(patsubst %,$(O)/fuzz/%,$(fuzz_targets))
fuzz_flags	:= $(san_flags) -fsanitize=fuzzer-no-link
fuzz_obj	= $(patsubst %.c,$(O)/fuzz/obj/%.o,$(1))
FUZZ_SECONDS	?= 30

# The corpus once through needs no libFuzzer: check-fast runs replay_TARGET, with the sanitizers.
define fuzz_rule
$(t)/san/replay_$(1): $(call san_obj,tests/fuzz/replay.c $(fuzz_src_$(1))) $(t)/san/libtested.a
$(O)/fuzz/$(1): $(call fuzz_obj,$(fuzz_src_$(1)) $(fuzz_mutate_$(1)) $(tested_src))
endef
$(foreach f,$(fuzz_targets),$(eval $(call fuzz_rule,$(f))))

$(replay_bin):
	@mkdir -p $(@D)
	$(call msg,LINK,$@)
	$(Q)$(CC) $(san_flags) $(LDFLAGS) $^ -o $@ $(unit_libs)

$(O)/fuzz/obj/%.o: %.c Makefile tests/tests.mk $(O)/gen/rules_list.h
	@mkdir -p $(@D)
	$(call msg,CC FUZZ,$@)
	$(Q)$(CLANG) $(all_cflags) $(test_flags) $(if $(filter %table_scols.c,$<),-DHAVE_SMARTCOLS) \
		$(fuzz_flags) -MMD -MP -MF $(@:.o=.d) -MT $@ -c $< -o $@

$(fuzz_bin):
	@mkdir -p $(@D)
	$(call msg,LINK,$@)
	$(Q)$(CLANG) $(san_flags) -fsanitize=fuzzer $(LDFLAGS) $^ -o $@ $(unit_libs)

# The traces of the rules as streams of records: what the fuzzer begins with.
fuzz_traces	:= $(wildcard tests/rules/*/*.trace)

$(t)/seeds: $(call obj,tests/fuzz/seeds.c tests/fuzz/records.c tests/rules/trace_text.c) $(O)/libmsivalidator.a
	@mkdir -p $(@D)
	$(call msg,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $^ -o $@

fuzz_seeds	:= $(addprefix $(O)/fuzz/seeds/,validator formats)

$(fuzz_seeds): $(t)/seeds $(fuzz_traces)
	$(call msg,SEEDS,$@)
	$(Q)rm -rf $@ && mkdir -p $@ && $(t)/seeds $@ $(fuzz_traces)

.PHONY: fuzz fuzz-run fuzz-corpus
fuzz:
	$(Q)scripts/setup fuzz
	+$(Q)$(MAKE) --no-print-directory $(parallel) fuzz-run

fuzz-run: $(fuzz_bin) $(fuzz_seeds)
	$(Q)O=$(O) FUZZ_SECONDS=$(FUZZ_SECONDS) tests/fuzz/run $(fuzz_targets)

fuzz-corpus: $(fuzz_bin) $(fuzz_seeds)
	$(Q)O=$(O) tests/fuzz/run --merge $(fuzz_targets)

.SECONDARY:
.PHONY: tests-build tests-run warnings

tests-build: $(unit_bin) $(t)/run_rules $(san_bin) $(replay_bin) $(guest_bin)

# --- what is run -------------------------------------------------------------------------------

# The longest first, since two run at a time.
long_tests	:= tests/vm/scenarios.t tests/vm/late.t
vm_tests	:= tests/cli/vm-run.t $(long_tests) $(filter-out $(long_tests),$(sort $(wildcard tests/vm/*.t)))
cli_tests	:= $(filter-out $(vm_tests),$(sort $(wildcard tests/cli/*.t)))
fast_tests	:= $(sort $(wildcard tests/build/*.t)) $(unit_bin) "$(t)/run_rules tests/rules" \
		   $(filter-out %/run_rules,$(san_bin)) "$(t)/san/run_rules tests/rules" \
		   $(foreach f,$(fuzz_targets),"$(t)/san/replay_$(f) tests/fuzz/corpus/$(f)") $(cli_tests)

export O MSITRACE_TEST_KERNELS
run_tests = O=$(abspath $(O)) scripts/run-tests

check-fast: all tests-build
	$(Q)$(run_tests) $(or $(TESTS),$(fast_tests))

# All processors, unless the user has said how many.
parallel = $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(shell nproc))

# A second make: on a fresh machine this one was parsed before the libraries were there.
check:
	$(Q)scripts/setup check
	$(Q)for k in $(kernels); do \
		scripts/kernel-fetch $$k >/dev/null && scripts/kmod-build $$k $(O)/kmod-$$k >/dev/null || exit 1; done
	+$(Q)$(MAKE) --no-print-directory $(parallel) tests-run

# On kernels that are built, not fetched.
built_tests	:= tests/vm/lockdep-parity tests/vm/bugs-built

.PHONY: check-kernels
check-kernels:
	$(Q)scripts/setup kernels
	$(Q)scripts/kernel-build lockdep-6.1 >/dev/null
	+$(Q)$(MAKE) --no-print-directory $(parallel) tests-run TESTS="$(or $(TESTS),$(built_tests))"

tests-run: all static tests-build warnings
	$(Q)$(run_tests) $(or $(TESTS),$(fast_tests) $(vm_tests))

.PHONY: rules-status
rules-status: $(O)/msitrace
	$(Q)O=$(O) scripts/rules-status --write

demo:
	$(Q)scripts/demo

bench:
	$(Q)scripts/setup bench
	+$(Q)$(MAKE) --no-print-directory $(parallel) bench-run

# tests/bench/bench_*.c are built; tests/bench/*.sh are run, in order, and print what they measure.
bench_bin	:= $(patsubst tests/bench/%.c,$(t)/bench/%,$(wildcard tests/bench/bench_*.c))

$(t)/bench/%: $(O)/obj/tests/bench/%.o $(call obj,$(ledger_src)) $(O)/libmsivalidator.a
	@mkdir -p $(@D)
	$(call msg,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $^ -o $@

.PHONY: bench-run
bench-run: all static $(bench_bin)
	$(Q)for b in $(sort $(wildcard tests/bench/*.sh)); do O=$(abspath $(O)) $$b || exit 1; done

# --- no warnings, from either compiler ---------------------------------------------------------

warn_src := $(sort $(src) $(lines_src) $(no_lines_src) $(wildcard src/base/table_*.c) $(unit_src) $(rules_src) \
		   $(fuzz_src) $(guest_src))
$(if $(filter src/main.c,$(warn_src)),,$(error warn_src has no sources))

# $(call warn_rule,COMPILER)
define warn_rule
$(O)/warn/$(1)/%.ok: %.c Makefile tests/tests.mk $(O)/gen/msitrace.skel.h $(O)/gen/rules_list.h
	@mkdir -p $$(@D)
	$$(call msg,WARN $(1),$$@)
	$$(Q)$(1) $$(all_cflags) $$(test_flags) $$(if $$(filter %table_scols.c,$$<),-DHAVE_SMARTCOLS) -Werror \
		-MMD -MP -MF $$(@:.ok=.d) -MT $$@ -c $$< -o $$(@:.ok=.o) && rm $$(@:.ok=.o) && touch $$@
warnings: $(patsubst %.c,$(O)/warn/$(1)/%.ok,$(warn_src))
endef
$(eval $(call warn_rule,gcc))
$(eval $(call warn_rule,$(CLANG)))

$(O)/warn/bpf/%.ok: bpf/%.bpf.c Makefile tests/tests.mk
	@mkdir -p $(@D)
	$(call msg,WARN bpf,$@)
	$(Q)$(CLANG) -g -O2 -Wall -Wextra -Wno-unused-parameter -Werror -target bpf -D__TARGET_ARCH_$(ARCH) \
		-Ivmlinux/$(ARCH) -Iinclude -Ibpf -MMD -MP -MF $(@:.ok=.d) -MT $@ -c $< -o $(@:.ok=.o) && \
		rm $(@:.ok=.o) && touch $@
warnings: $(patsubst bpf/%.bpf.c,$(O)/warn/bpf/%.ok,$(bpf_src))
