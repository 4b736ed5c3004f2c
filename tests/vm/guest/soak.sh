# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# soak.sh - healthy drivers for long, under one msitrace

exec 3>&1	# to who plugs for us
limit=3600 section soak msitrace check --format json --locks=full -- sh -c "soak $(cat /cycles) >&2"
