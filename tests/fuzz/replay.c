// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every file of a corpus once through a fuzz target, without libFuzzer; TAP.
 *
 *	replay_TARGET DIR
 */
#include <dirent.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>

#include "fuzz.h"

#define INPUT_MAX (1 << 20)

static char path[512];		/* of the input that is running */

static void say_path(void)
{
	printf("not ok 1 - %s\n1..1\n", path);
	fflush(stdout);
}

static void on_abort(int sig)
{
	say_path();
	signal(sig, SIG_DFL);
	raise(sig);
}

/* Of the sanitizers' runtime, which is not always there.  */
void __sanitizer_set_death_callback(void (*fn)(void)) __attribute__((weak));

static bool one_file(const char *dir, const char *name)
{
	static uint8_t buf[INPUT_MAX];
	uint8_t *exact;
	size_t len;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "r");
	if (!f)
		return false;
	len = fread(buf, 1, sizeof(buf), f);
	fclose(f);
	exact = malloc(len);
	if (!exact)
		return false;
	memcpy(exact, buf, len);
	LLVMFuzzerTestOneInput(exact, len);
	free(exact);
	return true;
}

int main(int argc, char **argv)
{
	unsigned int nr = 0, bad = 0;
	struct dirent *d;
	DIR *dir = argc == 2 ? opendir(argv[1]) : NULL;

	if (!dir) {
		fprintf(stderr, "usage: %s DIR\n", argv[0]);
		return 64;
	}
	signal(SIGABRT, on_abort);
	if (__sanitizer_set_death_callback)
		__sanitizer_set_death_callback(say_path);
	while ((d = readdir(dir))) {
		if (d->d_name[0] == '.')
			continue;
		nr++;
		bad += !one_file(argv[1], d->d_name);
	}
	closedir(dir);
	printf("%sok 1 - %u inputs\n1..1\n", nr && !bad ? "" : "not ", nr);
	return !nr || bad;
}
