// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov - where the functions of a shared library lie in its file
 *
 * The file may be anybody's, made to do harm, and written to while it is read. So it
 * is read with pread() and every number in it is checked before it is used: it can
 * make this fail, or name a wrong offset in its own file, and nothing else.
 */
#include <elf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "elfsyms.h"

/* libcuda.so has 3 MiB of dynamic symbols and names at most; no library has 64. */
#define TABLE_MAX	(64 << 20)
#define SECTIONS_MAX	4096
#define SEGMENTS_MAX	256

#if defined(__x86_64__)
#define MACHINE	EM_X86_64
#elif defined(__aarch64__)
#define MACHINE	EM_AARCH64
#else
#define MACHINE	EM_NONE
#endif

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define ORDER	ELFDATA2LSB
#else
#define ORDER	ELFDATA2MSB
#endif

struct image {
	int fd;
	Elf64_Ehdr header;
	Elf64_Phdr *segment;
	Elf64_Shdr *section;
	Elf64_Sym *symbol;
	size_t nr_symbols;
	char *names;
	size_t names_len;
};

static int read_at(int fd, void *buf, size_t size, uint64_t offset)
{
	ssize_t got;

	if (offset > INT64_MAX)
		return -ENOEXEC;
	got = pread(fd, buf, size, offset);
	if (got < 0)
		return -errno;
	return (size_t)got == size ? 0 : -ENOEXEC;
}

/* Return: 0 and a block to be freed, with a NUL behind it. */
static int load(int fd, uint64_t offset, uint64_t size, void *ret_block)
{
	char *block;
	int ret;

	if (!size || size > TABLE_MAX)
		return -ENOEXEC;
	block = malloc(size + 1);
	if (!block)
		return -ENOMEM;
	ret = read_at(fd, block, size, offset);
	if (ret) {
		free(block);
		return ret;
	}
	block[size] = '\0';
	*(void **)ret_block = block;
	return 0;
}

static int load_header(struct image *image)
{
	Elf64_Ehdr *h = &image->header;
	int ret = read_at(image->fd, h, sizeof(*h), 0);

	if (ret)
		return ret;
	if (memcmp(h->e_ident, ELFMAG, SELFMAG) ||
	    h->e_ident[EI_CLASS] != ELFCLASS64 ||
	    h->e_ident[EI_DATA] != ORDER || h->e_machine != MACHINE ||
	    h->e_type != ET_DYN || h->e_phentsize != sizeof(Elf64_Phdr) ||
	    h->e_shentsize != sizeof(Elf64_Shdr) ||
	    h->e_phnum > SEGMENTS_MAX || h->e_shnum > SECTIONS_MAX)
		return -ENOEXEC;
	ret = load(image->fd, h->e_phoff, h->e_phnum * sizeof(Elf64_Phdr),
		   &image->segment);
	if (!ret)
		ret = load(image->fd, h->e_shoff,
			   h->e_shnum * sizeof(Elf64_Shdr), &image->section);
	return ret;
}

static int load_symbols(struct image *image)
{
	const Elf64_Shdr *symbols = NULL, *names;
	size_t i;
	int ret;

	for (i = 0; i < image->header.e_shnum && !symbols; i++)
		if (image->section[i].sh_type == SHT_DYNSYM)
			symbols = &image->section[i];
	if (!symbols || symbols->sh_link >= image->header.e_shnum ||
	    symbols->sh_entsize != sizeof(Elf64_Sym))
		return -ENOEXEC;
	names = &image->section[symbols->sh_link];
	ret = load(image->fd, names->sh_offset, names->sh_size, &image->names);
	if (ret)
		return ret;
	image->names_len = names->sh_size;
	image->nr_symbols = symbols->sh_size / sizeof(Elf64_Sym);
	return load(image->fd, symbols->sh_offset, symbols->sh_size,
		    &image->symbol);
}

/* Return: 0 when the address is not one of code in the file. */
static uint64_t offset_of(const struct image *image, uint64_t address)
{
	size_t i;

	for (i = 0; i < image->header.e_phnum; i++) {
		const Elf64_Phdr *s = &image->segment[i];

		if (s->p_type == PT_LOAD && s->p_flags & PF_X &&
		    address >= s->p_vaddr && address - s->p_vaddr < s->p_filesz)
			return address - s->p_vaddr + s->p_offset;
	}
	return 0;
}

static bool is_taken(const struct elfsym *syms, size_t nr, uint64_t offset)
{
	size_t i;

	for (i = 0; i < nr; i++)
		if (syms[i].offset == offset)
			return true;
	return false;
}

static void take(const struct image *image, const Elf64_Sym *symbol,
		 struct elfsym *syms, size_t nr)
{
	uint64_t offset;
	size_t i;

	if (ELF64_ST_TYPE(symbol->st_info) != STT_FUNC ||
	    symbol->st_shndx == SHN_UNDEF ||
	    symbol->st_name >= image->names_len)
		return;
	for (i = 0; i < nr; i++) {
		if (syms[i].offset ||
		    strcmp(image->names + symbol->st_name, syms[i].name))
			continue;
		offset = offset_of(image, symbol->st_value);
		/* Two names of one function are one. */
		if (!is_taken(syms, nr, offset))
			syms[i].offset = offset;
		return;
	}
}

int elfsyms_find(int fd, struct elfsym *syms, size_t nr)
{
	struct image image = { .fd = fd };
	int ret, found = 0;
	size_t i;

	for (i = 0; i < nr; i++)
		syms[i].offset = 0;
	ret = load_header(&image);
	if (!ret)
		ret = load_symbols(&image);
	for (i = 0; !ret && i < image.nr_symbols; i++)
		take(&image, &image.symbol[i], syms, nr);
	for (i = 0; i < nr; i++)
		found += !!syms[i].offset;
	free(image.segment);
	free(image.section);
	free(image.names);
	free(image.symbol);
	return ret ? ret : found;
}
