# SPDX-License-Identifier: GPL-2.0-only
#
# Everything that people do with this project; "make help" lists it.

VERSION	:= $(shell cat VERSION)
OUT	?= $(CURDIR)/out
RELEASE	?= $(shell uname -r)
KDIR	?= /lib/modules/$(RELEASE)/build
PREFIX	?= /usr/local
LIBEXECDIR ?= $(PREFIX)/libexec
UNITDIR	?= $(PREFIX)/lib/systemd/system
DKMS	:= kexec-pci-quiesce/$(VERSION)
SOURCE	:= $(DESTDIR)/usr/src/kexec-pci-quiesce-$(VERSION)
SUPPORT	:= $(DESTDIR)$(LIBEXECDIR)/kexec-pci-quiesce
SHARE	:= $(DESTDIR)$(PREFIX)/share/kexec-pci-quiesce
UNITS	:= $(DESTDIR)$(UNITDIR)
# Where initramfs-tools looks, whatever PREFIX is.
INITRAMFS	:= $(DESTDIR)/usr/share/initramfs-tools
export OUT

help:
	@echo "make demo           panic twice in QEMU, without us and with us, and compare"
	@echo "make check          all tests, on the stock Debian 12 kernel (6.1)"
	@echo "make check-kernels  the panic tests on stock 6.12 and 7.2"
	@echo "make check-intree   build 6.1, 6.12 and 7.2 with us in them, and panic these"
	@echo "make campaign       panics in pairs, faults injected, without us and with us (N=, SEED=, KERNELS=, CAPTURE=)"
	@echo "make intree         put us into a kernel tree (KERNEL=6.1, 6.12 or 7.2, SRC=TREE)"
	@echo "make series         the patches as they would be mailed (KERNEL=...)"
	@echo "make fuzz           10,000,000 cases of tests/fabric, and two fuzzers (CASES=, SECONDS=)"
	@echo "make mutants        which mistakes in the engine the tests of tests/fabric miss"
	@echo "make machines       the promises of the crash path on real machines, and what of these can be reset (MACHINES=)"
	@echo "make cost           what it would take on real machines, in simulated time"
	@echo "make bench          time and config accesses, against two other ways"
	@echo "make module         the module for the running kernel (RELEASE=..., KDIR=...)"
	@echo "make tools          the kexec-quiesce command"
	@echo "make crash          pciq.so, an extension for the crash utility (CRASH_INCLUDE=...)"
	@echo "make install        module through DKMS, command, units, hook of kdump-tools (root)"
	@echo "make uninstall      undo it"
	@echo "make deb            packages for Debian, in out/deb"
	@echo "make rpm            packages for RHEL and its like, in out/rpm"
	@echo "make check-package  the packages on a Debian 12 with systemd, in QEMU (root)"
	@echo "make lint           checkpatch, sparse, shellcheck"
	@echo "make size           lines, bytes and stack of the crash path"
	@echo "make clean          remove what was built here; the cache stays"

demo: deps $(OUT)/tools/kexec-quiesce
	tests/panic/demo.py

check: deps deps-package deps-kernel tools
	prove --verbose tests/check/*.t tests/unit/*.t tests/tools/*.t tests/fabric/*.t tests/panic/*.t tests/campaign/*.t
	VERSIONS=6.12 prove --verbose $(addprefix tests/intree/,intree.t objects.t kunit.t quirks.t)

check-kernels: deps deps-check7 tools
	KERNEL=6.12 prove --verbose tests/panic/panic.t
	KERNEL=7.2 prove --verbose tests/panic/panic.t

check-package: deps deps-package
	prove --verbose tests/package/*.t

check-intree: deps deps-kernel deps-series tools
	prove --verbose tests/intree/*.t
	for kernel in 6.1 6.12 7.2; do \
		KERNEL=intree-$$kernel prove --verbose tests/panic/panic.t || exit 1; \
	done

# What is in out/campaign/results.jsonl already is not run again. The kernel that saves the dumps is a
# small one, unless CAPTURE= says that it is to be the one that panics: a pair takes half the time.
CAPTURE	?= intree-6.12
campaign: deps deps-kernel tools
	tests/panic/campaign.py $(if $(N),-n $(N)) $(if $(SEED),--seed $(SEED)) \
		$(foreach kernel,$(KERNELS),--kernel $(kernel)) $(if $(CAPTURE),--capture $(CAPTURE))

intree:
	scripts/intree $(KERNEL) $(SRC)

series:
	scripts/make-series $(KERNEL)

fuzz: deps deps-fuzz
	tests/fabric/fuzz $(if $(CASES),--cases $(CASES)) $(if $(SECONDS),--seconds $(SECONDS))

mutants: deps
	tests/fabric/mutate

# From their dumps, or from the descriptions of these if they are not there.
MACHINES ?= ../shared/machines
machines: deps
	$(MAKE) -s -f tests/fabric/Makefile O=$(OUT)/fabric/machines space=4096 $(OUT)/fabric/machines/machines
	$(OUT)/fabric/machines/machines --table --pairs 3000 \
		$(or $(wildcard $(MACHINES)/*.lspci),$(wildcard tests/machines/*))

cost: deps
	$(MAKE) -s -f tests/fabric/Makefile O=$(OUT)/fabric/cost $(OUT)/fabric/cost/cost
	$(OUT)/fabric/cost/cost

bench: deps $(OUT)/tools/kexec-quiesce
	bench/bench.py

lint: deps
	tests/check/style.t

size: deps
	scripts/size

module:
	$(MAKE) -C $(KDIR) M=$(CURDIR)/module modules

tools: $(OUT)/tools/kexec-quiesce $(OUT)/tools/kexec-quiesce-inject

$(OUT)/tools/kexec-quiesce-inject: FORCE
	$(MAKE) -C tools/kexec-quiesce-inject O=$(OUT)/tools all

$(OUT)/tools/kexec-quiesce: FORCE
	$(MAKE) -C tools/kexec-quiesce O=$(OUT)/tools all

crash: deps
	$(MAKE) -C tools/crash O=$(OUT)/crash all

install: deps-install $(OUT)/tools/kexec-quiesce
	-dkms remove $(DKMS) --all 2>/dev/null
	rm -rf $(SOURCE)
	$(MAKE) install-source install-tools install-units install-kdump-tools
	dkms install $(DKMS) -k $(RELEASE)

# What the packages are made of, one each. DESTDIR, PREFIX, LIBEXECDIR and UNITDIR say where to.
install-source:
	mkdir -p $(SOURCE)/scripts
	cp -r include kernel drivers arch module VERSION $(SOURCE)
	cp scripts/Makefile.quiesce $(SOURCE)/scripts
	rm -f $(SOURCE)/module/dkms.conf.in
	sed 's/#MODULE_VERSION#/$(VERSION)/' module/dkms.conf.in >$(SOURCE)/dkms.conf

install-tools: $(OUT)/tools/kexec-quiesce
	$(MAKE) -C tools/kexec-quiesce O=$(OUT)/tools PREFIX=$(PREFIX) install
	install -D -m 755 packaging/capture/verdict $(SUPPORT)/verdict
	install -D -m 755 scripts/hardware-report $(SUPPORT)/hardware-report
	install -D -m 644 -t $(SHARE) tools/drgn/pciq.py Documentation/schema/kexec-quiesce-1.json

# It fits the crash whose headers it was built with.
install-crash:
	$(MAKE) -C tools/crash O=$(OUT)/crash install

install-units:
	install -D -m 644 -t $(UNITS) packaging/systemd/kexec-pci-quiesce.service

install-kdump-tools:
	install -D -m 755 packaging/capture/kdump-tools $(SUPPORT)/kdump-tools
	install -D -m 755 packaging/initramfs-tools/hook $(INITRAMFS)/hooks/kexec-pci-hold
	install -D -m 755 packaging/initramfs-tools/init-top $(INITRAMFS)/scripts/init-top/kexec-pci-hold
	install -D -m 644 -t $(UNITS)/kdump-tools-dump.service.d packaging/systemd/kdump-tools-dump.service.d/kexec-pci-quiesce.conf
	sed 's|@LIBEXECDIR@|$(LIBEXECDIR)|' packaging/systemd/kexec-pci-quiesce-verdict.service \
		>$(UNITS)/kexec-pci-quiesce-verdict.service

install-kdumpctl:
	install -D -m 755 packaging/dracut/kdump-hook $(DESTDIR)/etc/kdump/pre.d/90-kexec-pci-quiesce
	install -D -m 755 packaging/dracut/kdump-hook $(DESTDIR)/etc/kdump/post.d/90-kexec-pci-quiesce
	install -D -m 755 -t $(DESTDIR)/usr/lib/dracut/modules.d/95kexec-pci-quiesce \
		packaging/dracut/module-setup.sh packaging/dracut/hold.sh

uninstall:
	-systemctl disable --now kexec-pci-quiesce.service
	-dkms remove $(DKMS) --all
	rm -rf $(SOURCE) $(SUPPORT) $(SHARE) $(UNITS)/kdump-tools-dump.service.d/kexec-pci-quiesce.conf
	rm -f $(UNITS)/kexec-pci-quiesce.service $(UNITS)/kexec-pci-quiesce-verdict.service
	rm -f $(INITRAMFS)/hooks/kexec-pci-hold $(INITRAMFS)/scripts/init-top/kexec-pci-hold
	$(MAKE) -C tools/kexec-quiesce O=$(OUT)/tools PREFIX=$(PREFIX) uninstall

deb: deps-package
	scripts/package deb

rpm: deps-package
	scripts/package rpm

clean:
	rm -rf $(OUT)

deps:
	scripts/deps build test lint

deps-fuzz:
	scripts/deps fuzz

deps-kernel:
	scripts/deps kernel

deps-series:
	scripts/deps series

deps-install:
	scripts/deps build install

deps-package:
	scripts/deps build package

deps-check7:
	scripts/deps check7

FORCE:

.PHONY: help demo campaign check check-kernels check-intree check-package intree series bench fuzz mutants machines cost lint size module tools crash \
	install install-source install-tools install-crash install-units install-kdump-tools install-kdumpctl uninstall deb rpm \
	clean deps deps-install deps-package deps-check7 deps-fuzz deps-kernel deps-series FORCE
