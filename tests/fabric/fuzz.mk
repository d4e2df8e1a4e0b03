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

# The crash path alone: no healthy side, and another machine.
crash-path := quiesce errors reset restore contain image record raw match
# Nothing but parsers, and the words made of them.
parsers	:= record snapshot noteline names address text means why story fail

fuzz-targets: $(O)/fuzz-image $(O)/fuzz-record $(O)/fuzz-seeds

$(O)/fuzz-image: $(O)/model/fuzz-image.o $(O)/model/fuzz-machine.o \
		 $(crash-path:%=$(O)/kernel/%.o) $(O)/tool/record.o $(O)/tool/fail.o
	$(CC) $(common) -fsanitize=fuzzer -o $@ $^

$(O)/fuzz-record: $(O)/tool/fuzz-record.o $(parsers:%=$(O)/tool/%.o)
	$(CC) $(common) -fsanitize=fuzzer -o $@ $^

$(O)/fuzz-seeds: $(O)/model/fuzz-seeds.o $(objects)
	$(CC) $(common) -o $@ $^

# As the tool is compiled: with the headers of user space.
$(O)/tool/fuzz-record.o: $(src)fuzz-record.c | $(O)/tool
	$(CC) $(common) -Wextra -Werror -I$(top)/tools/kexec-quiesce \
		-I$(tree)/include/uapi -MMD -MP -c -o $@ $<

.PHONY: fuzz-targets
