// SPDX-License-Identifier: GPL-2.0-only
/*
 * endpoint --mode MODE [--flr | --af] --log FILE <LISTENING-SOCKET
 *
 * Serves one QEMU, and ends with it.  The socket is made by the caller, so that
 * it exists before QEMU looks for it.
 */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "endpoint.h"

#define EXIT_USAGE	2

static const char usage[] =
	"Usage: endpoint --mode MODE [--flr | --af] --log FILE <LISTENING-SOCKET\n"
	"Serve a PCI Express endpoint that misbehaves to one QEMU, over vfio-user.\n\n"
	"  --mode MODE  one of those below\n"
	"  --flr        it offers Function Level Reset\n"
	"  --af         likewise, without PCI Express: by Advanced Features\n"
	"  --log FILE   a line for each config write and each reset\n"
	"  --help       print this\n\n"
	"Modes: ";

static const struct option options[] = {
	{ "mode", required_argument, NULL, 'm' },
	{ "flr", no_argument, NULL, 'f' },
	{ "af", no_argument, NULL, 'a' },
	{ "log", required_argument, NULL, 'l' },
	{ "help", no_argument, NULL, 'h' },
	{ }
};

static void set_mode(struct endpoint *ep, const char *text)
{
	ep->mode = mode_parse(text, &ep->ms);
	if (!ep->mode) {
		fprintf(stderr, "endpoint: --mode: \"%s\" is none of ", text);
		mode_print_all(stderr);
		fputc('\n', stderr);
		exit(EXIT_USAGE);
	}
	/* Ends in a zero byte: "all-ones" is not in "all-ones-forever". */
	snprintf(ep->marker, sizeof(ep->marker), "rogue-%s", text);
}

static void open_log(struct endpoint *ep, const char *path)
{
	ep->log = fopen(path, "w");
	if (!ep->log) {
		fprintf(stderr, "endpoint: --log: %s: %s: it must be possible to write it\n",
			path, strerror(errno));
		exit(EXIT_USAGE);
	}
}

static void parse(struct endpoint *ep, int argc, char **argv)
{
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'm':
			set_mode(ep, optarg);
			break;
		case 'f':
			ep->has_flr = true;
			break;
		case 'a':
			ep->has_af = true;
			break;
		case 'l':
			open_log(ep, optarg);
			break;
		case 'h':
			fputs(usage, stdout);
			mode_print_all(stdout);
			putchar('\n');
			exit(0);
		default:
			exit(EXIT_USAGE);
		}
	}
	if (optind < argc)
		fprintf(stderr, "endpoint: \"%s\" is not an option\n",
			argv[optind]);
	else if (!ep->mode || !ep->log)
		fprintf(stderr, "endpoint: --mode and --log are needed\n");
	else
		return;
	exit(EXIT_USAGE);
}

int main(int argc, char **argv)
{
	static struct endpoint ep = { .lock = PTHREAD_MUTEX_INITIALIZER };
	pthread_t writer;
	int fd, err;

	parse(&ep, argc, argv);
	config_power_on(&ep);
	fd = accept(STDIN_FILENO, NULL, NULL);
	if (fd < 0) {
		fprintf(stderr, "endpoint: standard input: %s: it must be a listening socket\n",
			strerror(errno));
		return EXIT_USAGE;
	}
	err = pthread_create(&writer, NULL, dma_thread, &ep);
	if (err) {
		fprintf(stderr, "endpoint: no thread: %s\n", strerror(err));
		return 1;
	}
	protocol_serve(&ep, fd);

	pthread_mutex_lock(&ep.lock);
	log_event(&ep, "end");
	return 0;	/* with the lock held: nothing more is written */
}
