// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <gelf.h>
#include <libelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/util.h"
#include "debugfile.h"

/* --- build ids ---------------------------------------------------------------------------- */

#define PAD4(n) (((size_t)(n) + 3) & ~(size_t)3)

/* Notes one after the other: three words, a name, a descriptor, both padded.  */
static int find_in_notes(const uint8_t *p, size_t len, struct build_id *out)
{
	uint32_t head[3];	/* sizes of name and descriptor, type */

	while (len >= sizeof(head)) {
		size_t name, all;

		memcpy(head, p, sizeof(head));
		name = sizeof(head) + PAD4(head[0]);
		all = name + PAD4(head[1]);
		if (all > len)
			break;
		if (head[2] == NT_GNU_BUILD_ID && head[0] == 4 && !memcmp(p + sizeof(head), "GNU", 4) &&
		    head[1] && head[1] <= sizeof(out->bytes)) {
			memcpy(out->bytes, p + name, head[1]);
			out->len = head[1];
			return 0;
		}
		p += all;
		len -= all;
	}
	return -ENODATA;
}

int build_id_read(const char *path, struct build_id *out)
{
	__cleanup_fclose FILE *f = fopen(path, "re");
	uint8_t buf[4096];
	size_t n;

	out->len = 0;
	if (!f)
		return -errno;
	n = fread(buf, 1, sizeof(buf), f);
	return find_in_notes(buf, n, out);
}

static void hex(const struct build_id *id, size_t from, char *buf)
{
	*buf = '\0';
	for (size_t i = from; i < id->len; i++)
		sprintf(buf + 2 * (i - from), "%02x", id->bytes[i]);
}

/* --- is it good ----------------------------------------------------------------------------- */

struct contents {
	struct build_id id;
	bool dwarf;
	bool cut;		/* a section ends behind the end of the file */
};

static void look_at_section(Elf *elf, Elf_Scn *scn, size_t names, uint64_t size, struct contents *c)
{
	GElf_Shdr sh;
	const char *name;
	Elf_Data *data;

	if (!gelf_getshdr(scn, &sh) || sh.sh_type == SHT_NOBITS)
		return;
	if (sh.sh_offset > size || sh.sh_size > size - sh.sh_offset) {
		c->cut = true;
		return;
	}
	name = elf_strptr(elf, names, sh.sh_name);
	if (name && sh.sh_size && (!strcmp(name, ".debug_info") || !strcmp(name, ".zdebug_info")))
		c->dwarf = true;
	data = sh.sh_type == SHT_NOTE && !c->id.len ? elf_rawdata(scn, NULL) : NULL;
	if (data && data->d_buf)
		find_in_notes(data->d_buf, data->d_size, &c->id);
}

static int look_inside(Elf *elf, uint64_t size, struct contents *c)
{
	Elf_Scn *scn = NULL;
	size_t names, nr;

	if (elf_kind(elf) != ELF_K_ELF)
		return -ENOEXEC;
	if (elf_getshdrnum(elf, &nr) || !nr || elf_getshdrstrndx(elf, &names) || !elf_getscn(elf, 0))
		return -EIO;
	while ((scn = elf_nextscn(elf, scn)))
		look_at_section(elf, scn, names, size, c);
	return c->cut ? -EIO : c->dwarf ? 0 : -ENODATA;
}

static int compare(const struct build_id *has, const struct build_id *want, char *why, size_t size)
{
	char a[2 * sizeof(has->bytes) + 1], b[2 * sizeof(has->bytes) + 1];

	if (want->len && has->len == want->len && !memcmp(has->bytes, want->bytes, has->len))
		return 0;
	hex(has, 0, a);
	hex(want, 0, b);
	if (!want->len)
		snprintf(why, size, "cannot be compared, for the build id of what runs is not known");
	else
		snprintf(why, size, "is of another build: its build id is %s, what runs has %s",
			 a[0] ? a : "missing", b);
	return -ESTALE;
}

int debugfile_check(int fd, const struct build_id *want, char *why, size_t size)
{
	struct contents c = {};
	struct stat st;
	Elf *elf;
	int err;

	if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		snprintf(why, size, "is not a file");
		return -ENOEXEC;
	}
	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_READ_MMAP, NULL);
	err = look_inside(elf, st.st_size, &c);
	elf_end(elf);
	if (!err)
		return compare(&c.id, want, why, size);
	snprintf(why, size, err == -ENOEXEC ? "is not an ELF file" :
		 err == -ENODATA ? "has no debug information" : "is truncated or damaged");
	return err;
}

/* --- where it is ------------------------------------------------------------------------- */

struct search {
	const char *module;	/* NULL: the kernel */
	const struct build_id *id;
	bool asked_for;		/* the place was given by the user */
	struct debugfile *out;
};

/* What is not there, or has no DWARF, is worth words only where the user has pointed at it.  */
static bool worth_saying(const struct search *s, int err)
{
	return !s->out->complaint[0] && (s->asked_for || (err != -ENODATA && err != -EACCES));
}

static bool try_file(struct search *s, const char *path)
{
	char why[256] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), err;

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return false;
	err = fd < 0 ? -errno : debugfile_check(fd, s->id, why, sizeof(why));
	if (!err)
		s->out->path = strdup(path);
	if (s->out->path) {
		s->out->fd = fd;
		return true;
	}
	if (worth_saying(s, err))
		snprintf(s->out->complaint, sizeof(s->out->complaint), "%s%s%s", path, why[0] ? " " : ": ",
			 why[0] ? why : errstr(err));
	if (fd >= 0)
		close(fd);
	return false;
}

static bool try_build_id(struct search *s, const char *dir)
{
	char path[1024], rest[2 * sizeof(s->id->bytes) + 1];

	if (s->id->len < 2)
		return false;
	hex(s->id, 1, rest);
	snprintf(path, sizeof(path), "%s/.build-id/%02x/%s.debug", dir, s->id->bytes[0], rest);
	return try_file(s, path);
}

static bool try_kernel(struct search *s, const char *dir, const char *release)
{
	static const char *const names[] = { "vmlinux", "vmlinux-%s", "boot/vmlinux-%s" };
	char name[512], path[1024];

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		snprintf(name, sizeof(name), names[i], release);
		snprintf(path, sizeof(path), "%s/%s", dir, name);
		if (try_file(s, path))
			return true;
	}
	return try_build_id(s, dir);
}

/* "snd-hda.ko" and "snd_hda.ko.debug" are files of the module snd_hda.  */
static bool is_file_of(const char *module, const char *name)
{
	for (; *module; module++, name++)
		if (*name != *module && !(*module == '_' && *name == '-'))
			return false;
	return !strcmp(name, ".ko") || !strcmp(name, ".ko.debug");
}

static bool try_tree(struct search *s, const char *dir)
{
	char *const roots[] = { (char *)dir, NULL };
	FTS *fts = fts_open(roots, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR | FTS_XDEV, NULL);
	bool found = false;
	FTSENT *e;

	while (fts && !found && (e = fts_read(fts)))
		if ((e->fts_info == FTS_F || e->fts_info == FTS_SL) && is_file_of(s->module, e->fts_name))
			found = try_file(s, e->fts_path);
	if (fts)
		fts_close(fts);
	return found;
}

static bool try_dir(struct search *s, const char *dir, const char *release, bool tree)
{
	if (!s->module)
		return try_kernel(s, dir, release);
	return try_build_id(s, dir) || (tree && try_tree(s, dir));
}

static const struct {
	const char *dir;	/* %s: the release */
	bool tree;		/* modules are anywhere below it */
} usual[] = {
	{ "/usr/lib/debug/lib/modules/%s", true },
	{ "/lib/modules/%s", true },
	{ "/lib/modules/%s/build", false },
	{ "/usr/lib/debug", false },
};

int debugfile_find(const struct debuginfo_opts *opts, const char *module, const struct build_id *id,
		   struct debugfile *out)
{
	struct search s = { .module = module, .id = id, .asked_for = true, .out = out };
	char sub[512], dir[1024];
	size_t i;

	*out = (struct debugfile){ .fd = -1 };
	for (i = 0; i < opts->nr_dirs; i++)
		if (try_dir(&s, opts->dirs[i], opts->release, true))
			return 0;
	s.asked_for = false;
	for (i = 0; i < ARRAY_SIZE(usual); i++) {
		snprintf(sub, sizeof(sub), usual[i].dir, opts->release);
		snprintf(dir, sizeof(dir), "%s%s", opts->root ?: "", sub);
		if (try_dir(&s, dir, opts->release, usual[i].tree))
			return 0;
	}
	return -ENOENT;
}

int debugfile_open(const char *path, const struct build_id *id, struct debugfile *out)
{
	struct search s = { .id = id, .asked_for = true, .out = out };

	*out = (struct debugfile){ .fd = -1 };
	if (try_file(&s, path))
		return 0;
	if (!out->complaint[0])
		snprintf(out->complaint, sizeof(out->complaint), "%s: %s", path, errstr(-ENOENT));
	return -ENOENT;
}
