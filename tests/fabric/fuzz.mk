# SPDX-License-Identifier: GPL-2.0-only
#
# The libFuzzer targets; what they have in common with the property tests is in
# Makefile.  Objects go to O=DIR, apart from those that gcc made.

fuzz-src := $(dir $(lastword $(MAKEFILE_LIST)))
O	 ?= $(abspath $(fuzz-src)../../out/fabric/fuzz)

fuzz-targets:

include $(fuzz-src)Makefile

CC	:= clang
common	+= -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all

fuzz-targets: $(O)/fuzz-snapshot $(O)/fuzz-record $(O)/fuzz-seeds

$(O)/fuzz-snapshot: $(target-snapshot)
	$(CC) $(common) -fsanitize=fuzzer -o $@ $^ -lxxhash

$(O)/fuzz-record: $(target-record)
	$(CC) $(common) -fsanitize=fuzzer -o $@ $^ -lxxhash

$(O)/fuzz-seeds: $(O)/model/fuzz-seeds.o $(objects)
	$(CC) $(common) -o $@ $^ -lxxhash

.PHONY: fuzz-targets
