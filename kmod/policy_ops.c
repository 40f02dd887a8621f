// SPDX-License-Identifier: GPL-2.0
/*
 * Policy ops: the struct_ops type accelgov_ops
 *
 * What the verifier lets a policy do: read its question and all that it leads to,
 * write the scratch words of the question, call the helpers that every program
 * may call and the kfuncs of policy_kfunc.c. Programs that sleep are refused:
 * samples would wait for them.
 *
 * What is refused when a policy is loaded leaves one line in the kernel log,
 * because the system call has room for an error number only.
 */
#include <linux/ctype.h>
#include <linux/module.h>
#include "compat/bpf.h"
#include "policy.h"

/* Types of this module, and the one that may be written to. */
static struct btf *module_btf;
static const struct btf_type *ctx_type;

static int ops_init(struct btf *btf)
{
	module_btf = btf;
	return 0;
}

static bool is_valid_access(int off, int size, enum bpf_access_type type,
			    const struct bpf_prog *prog,
			    struct bpf_insn_access_aux *info)
{
	return bpf_tracing_btf_ctx_access(off, size, type, prog, info);
}

static int struct_access(struct bpf_verifier_log *log,
			 const struct bpf_reg_state *reg, int off, int size)
{
	const u32 start = offsetof(struct accelgov_policy_ctx, scratch);
	const u32 end = offsetofend(struct accelgov_policy_ctx, scratch);

	if (btf_type_by_id(reg->btf, reg->btf_id) == ctx_type &&
	    off >= start && off + size <= end)
		return 0;
	bpf_log(log, "a policy may write the scratch words of its question, nothing else\n");
	return -EACCES;
}

static const struct bpf_verifier_ops verifier_ops = {
	.get_func_proto = bpf_base_func_proto,
	.is_valid_access = is_valid_access,
	.btf_struct_access = struct_access,
};

/* The type behind the first argument of a callback: always the question. */
static const struct btf_type *question_of(const struct btf_member *member)
{
	const struct btf_type *t = btf_type_by_id(module_btf, member->type);

	t = btf_type_by_id(module_btf, t->type);
	t = btf_type_by_id(module_btf, btf_params(t)[0].type);
	return btf_type_by_id(module_btf, t->type);
}

/* Runs before the verifier looks at a program. */
static int check_member(const struct btf_type *t,
			const struct btf_member *member,
			const struct bpf_prog *prog)
{
	WRITE_ONCE(ctx_type, question_of(member));
	return prog->sleepable ? -EINVAL : 0;
}

static int refuse(const char *why, int err)
{
	pr_notice_ratelimited("a policy was refused: %s\n", why);
	return err;
}

/* Whatever ends up in sysfs and trace events is one plain word. */
static bool is_word(const char *text, size_t size)
{
	size_t len = strnlen(text, size), i;

	for (i = 0; i < len; i++)
		if (!isalnum(text[i]) && !strchr("._-:", text[i]))
			return false;
	return len < size;
}

static int copy_name(struct accelgov_ops *to, const struct accelgov_ops *from)
{
	if (!from->name[0] || !is_word(from->name, sizeof(from->name)))
		return refuse("its name is not one word of letters, digits, '.', '_', '-' and ':'",
			      -EINVAL);
	if (!strcmp(from->name, "builtin"))
		return refuse("the name builtin is taken", -EINVAL);
	memcpy(to->name, from->name, sizeof(to->name));
	return 1;
}

static int copy_device(struct accelgov_ops *to, const struct accelgov_ops *from)
{
	if (!is_word(from->device, sizeof(from->device)))
		return refuse("its device is no devfreq device's name", -EINVAL);
	memcpy(to->device, from->device, sizeof(to->device));
	return 1;
}

static int copy_flags(struct accelgov_ops *to, const struct accelgov_ops *from)
{
	if (from->flags & ~(u64)ACCELGOV_POLICY_PROBE)
		return refuse("it has a flag that nobody knows", -EINVAL);
	to->flags = from->flags;
	return 1;
}

static int copy_timeout(struct accelgov_ops *to,
			const struct accelgov_ops *from)
{
	if (from->timeout_ms > ACCELGOV_TIMEOUT_MAX_MS)
		return refuse("its timeout_ms is above 1000", -ERANGE);
	to->timeout_ms = from->timeout_ms;
	return 1;
}

static int init_member(const struct btf_type *t,
		       const struct btf_member *member, void *kdata,
		       const void *udata)
{
	switch (__btf_member_bit_offset(t, member) / 8) {
	case offsetof(struct accelgov_ops, name):
		return copy_name(kdata, udata);
	case offsetof(struct accelgov_ops, device):
		return copy_device(kdata, udata);
	case offsetof(struct accelgov_ops, flags):
		return copy_flags(kdata, udata);
	case offsetof(struct accelgov_ops, timeout_ms):
		return copy_timeout(kdata, udata);
	default:
		return 0;
	}
}

static int validate(void *kdata)
{
	const struct accelgov_ops *ops = kdata;

	if (!ops->classify && !ops->select && !ops->idle_select)
		return refuse("it decides nothing: classify, select or idle_select is needed",
			      -EINVAL);
	return 0;
}

static int reg(void *kdata, struct bpf_link *link)
{
	return accelgov_policy_register(kdata, link);
}

static void unreg(void *kdata, struct bpf_link *link)
{
	accelgov_policy_unregister(kdata);
}

static int update(void *kdata, void *old_kdata, struct bpf_link *link)
{
	return accelgov_policy_replace(kdata, old_kdata, link);
}

/* Never called: their addresses stand for "this callback exists". */
static s32 accelgov_stub_init_device(struct accelgov_policy_ctx *ctx)
{
	return 0;
}

static void accelgov_stub_exit_device(struct accelgov_policy_ctx *ctx,
				      struct accelgov_policy_exit *exit)
{
}

static s32 accelgov_stub_decide(struct accelgov_policy_ctx *ctx)
{
	return ACCELGOV_BUILTIN;
}

static struct accelgov_ops stubs = {
	.init_device = accelgov_stub_init_device,
	.exit_device = accelgov_stub_exit_device,
	.classify = accelgov_stub_decide,
	.select = accelgov_stub_decide,
	.idle_select = accelgov_stub_decide,
};

static struct bpf_struct_ops accelgov_struct_ops = {
	.verifier_ops = &verifier_ops,
	.init = ops_init,
	.check_member = check_member,
	.init_member = init_member,
	.validate = validate,
	.reg = reg,
	.unreg = unreg,
	.update = update,
	.cfi_stubs = &stubs,
	.name = "accelgov_ops",
	.owner = THIS_MODULE,
};

/**
 * accelgov_policy_ops_init() - let policies be loaded
 *
 * There is nothing to undo: the type goes with the module's BTF, and every map
 * of it holds a reference on the module.
 *
 * Return: 0 or a negative error.
 */
int accelgov_policy_ops_init(void)
{
	return register_bpf_struct_ops(&accelgov_struct_ops, accelgov_ops);
}
