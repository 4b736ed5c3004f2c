# SPDX-License-Identifier: GPL-2.0-only
# Included by the Makefile.

check check-fast demo bench:
	@echo "not yet"; false
