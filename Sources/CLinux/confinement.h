// Landlock, seccomp and capabilities (landlock(7), seccomp(2), capabilities(7)), by their numbers: headers of an older
// system lack them. Tables and system calls; what they are used for is decided in Swift.
#ifndef RECONCILE_CLINUX_CONFINEMENT_H
#define RECONCILE_CLINUX_CONFINEMENT_H

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

// open(2): a name for a file, and no right to it.
static const int clinux_o_path = 010000000;

// A name for exactly that path: no link on the way is followed (openat2(2)). Linux 5.6.
static inline int clinux_open_exactly(const char *path) {
    struct { uint64_t flags, mode, resolve; } how = {clinux_o_path | O_CLOEXEC, 0, 4 /* NO_SYMLINKS */};
    return (int)syscall(437, AT_FDCWD, path, &how, sizeof how);
}

// The same numbers on every architecture.
enum { clinux_sys_landlock_create = 444, clinux_sys_landlock_add = 445, clinux_sys_landlock_restrict = 446 };

struct clinux_landlock_attributes { uint64_t files; uint64_t network; uint64_t scoped; };
struct clinux_landlock_path { uint64_t allowed; int32_t parent; } __attribute__((packed));

// 0 and less: the kernel has none, or it is switched off. Linux 5.13.
static inline int clinux_landlock_abi(void) {
    return (int)syscall(clinux_sys_landlock_create, (void *)0, (size_t)0, 1U /* VERSION */);
}

static inline int clinux_landlock_create(uint64_t files, uint64_t scoped) {
    struct clinux_landlock_attributes attributes = {files, 0, scoped};
    // Kernels that know less of it take more bytes than they know where those are zero.
    return (int)syscall(clinux_sys_landlock_create, &attributes, sizeof attributes, 0U);
}

static inline int clinux_landlock_allow(int ruleset, int path, uint64_t access) {
    struct clinux_landlock_path rule = {access, path};
    return (int)syscall(clinux_sys_landlock_add, ruleset, 1 /* PATH_BENEATH */, &rule, 0U);
}

// Of the calling thread alone, and of what it starts.
static inline int clinux_landlock_restrict(int ruleset) {
    return (int)syscall(clinux_sys_landlock_restrict, ruleset, 0U);
}

static inline int clinux_no_new_privileges(void) { return prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L); }

#if defined(__x86_64__)
#define CLINUX_AUDIT_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define CLINUX_AUDIT_ARCH AUDIT_ARCH_AARCH64
#endif

#ifdef CLINUX_AUDIT_ARCH
#define CLINUX_LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define CLINUX_ARGUMENT(n) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[n]))
#define CLINUX_UNLESS(value, skip) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, skip)
#define CLINUX_REFUSE(code) BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (code))
#define CLINUX_ALLOW BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
#define CLINUX_NEVER(call, code) CLINUX_UNLESS(call, 1), CLINUX_REFUSE(code)
// Calls whose first argument is a process, 0 being the caller.
#define CLINUX_OF_ITSELF(call)                                                                                        \
    CLINUX_UNLESS(call, 4), CLINUX_ARGUMENT(0), CLINUX_UNLESS(0, 1), CLINUX_ALLOW, CLINUX_REFUSE(EPERM)
// Those whose first says what the second names; `process`: a process, of which 0 is the caller.
#define CLINUX_OF_ITSELF_AS(call, process)                                                                            \
    CLINUX_UNLESS(call, 6), CLINUX_ARGUMENT(0), CLINUX_UNLESS(process, 3), CLINUX_ARGUMENT(1), CLINUX_UNLESS(0, 1),   \
        CLINUX_ALLOW, CLINUX_REFUSE(EPERM)
// Those that give a file its mode: never one by which whoever runs it becomes its owner or one of its group.
#define CLINUX_NOT_AS_OTHERS(call, mode)                                                                              \
    CLINUX_UNLESS(call, 4), CLINUX_ARGUMENT(mode),                                                                    \
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, S_ISUID | S_ISGID, 0, 1), CLINUX_REFUSE(EPERM), CLINUX_ALLOW
// Those that do so where their flags say that the file may be new.
#define CLINUX_NOT_AS_OTHERS_IF_NEW(call, flags, mode)                                                                \
    CLINUX_UNLESS(call, 6), CLINUX_ARGUMENT(flags),                                                                   \
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, O_CREAT | 020000000 /* O_TMPFILE's own */, 0, 3), CLINUX_ARGUMENT(mode), \
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, S_ISUID | S_ISGID, 0, 1), CLINUX_REFUSE(EPERM), CLINUX_ALLOW
// Those whose first argument has flags, of which one is refused.
#define CLINUX_WITHOUT(call, flag)                                                                                    \
    CLINUX_UNLESS(call, 4), CLINUX_ARGUMENT(0), BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, flag, 0, 1),                     \
        CLINUX_REFUSE(EPERM), CLINUX_ALLOW
#endif

// What file rules can't say: sockets of the file system lead to every daemon of the same user, io_uring makes them too,
// and other families lead to the host of a virtual machine, to what passes on the wire, to much of the kernel that is
// seldom used; a program that runs as its owner outlives what its maker may not do (openat2 hides its mode: without it
// libraries take openat);
// limits, priorities, processors and memory are set of others by their numbers; the keys that the kernel keeps for a user
// are every process's of that user; and in a user namespace of its own a process is root again, before much of the kernel
// that nothing else reaches. clone3 hides its flags: without it libraries take clone. Of the calling thread, and of what
// it starts.
static inline int clinux_filter_calls(void) {
#ifdef CLINUX_AUDIT_ARCH
    static struct sock_filter filter[] = {
        CLINUX_LOAD(arch),
        // Other tables of calls have other numbers: none of them.
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, CLINUX_AUDIT_ARCH, 1, 0),
        CLINUX_REFUSE(ENOSYS),
        CLINUX_LOAD(nr),
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1),
        CLINUX_REFUSE(ENOSYS),
        CLINUX_UNLESS(SYS_socket, 10),
        CLINUX_ARGUMENT(0),
        CLINUX_UNLESS(AF_INET, 1),
        CLINUX_ALLOW,
        CLINUX_UNLESS(AF_INET6, 1),
        CLINUX_ALLOW,
        CLINUX_UNLESS(AF_NETLINK, 3),
        CLINUX_ARGUMENT(2),
        // Of routes and addresses: name resolution asks for them.
        CLINUX_UNLESS(0 /* NETLINK_ROUTE */, 1),
        CLINUX_ALLOW,
        CLINUX_REFUSE(EACCES),
        CLINUX_NEVER(425 /* io_uring_setup */, ENOSYS),
        CLINUX_NEVER(437 /* openat2 */, ENOSYS),
        CLINUX_NOT_AS_OTHERS(SYS_fchmod, 1),
        CLINUX_NOT_AS_OTHERS(SYS_fchmodat, 2),
        CLINUX_NOT_AS_OTHERS(452 /* fchmodat2 */, 2),
        CLINUX_NOT_AS_OTHERS(SYS_mknodat, 2),
        CLINUX_NOT_AS_OTHERS_IF_NEW(SYS_openat, 2, 3),
#ifdef SYS_open
        CLINUX_NOT_AS_OTHERS(SYS_chmod, 1),
        CLINUX_NOT_AS_OTHERS(SYS_mknod, 1),
        CLINUX_NOT_AS_OTHERS(SYS_creat, 1),
        CLINUX_NOT_AS_OTHERS_IF_NEW(SYS_open, 1, 2),
#endif
        CLINUX_NEVER(435 /* clone3 */, ENOSYS),
        CLINUX_WITHOUT(SYS_clone, 0x10000000 /* CLONE_NEWUSER */),
        CLINUX_WITHOUT(SYS_unshare, 0x10000000 /* CLONE_NEWUSER */),
        CLINUX_NEVER(SYS_setns, EPERM),
        CLINUX_OF_ITSELF(SYS_prlimit64),
        CLINUX_OF_ITSELF(SYS_sched_setaffinity),
        CLINUX_OF_ITSELF(SYS_sched_setscheduler),
        CLINUX_OF_ITSELF(SYS_sched_setparam),
        CLINUX_OF_ITSELF(SYS_sched_setattr),
        CLINUX_OF_ITSELF(SYS_migrate_pages),
        CLINUX_OF_ITSELF(SYS_move_pages),
        CLINUX_OF_ITSELF_AS(SYS_setpriority, PRIO_PROCESS),
        CLINUX_OF_ITSELF_AS(SYS_ioprio_set, 1 /* IOPRIO_WHO_PROCESS */),
        CLINUX_NEVER(SYS_keyctl, EPERM),
        CLINUX_NEVER(SYS_add_key, EPERM),
        CLINUX_NEVER(SYS_request_key, EPERM),
        CLINUX_NEVER(SYS_bpf, EPERM),
        CLINUX_NEVER(SYS_perf_event_open, EPERM),
        CLINUX_NEVER(SYS_userfaultfd, EPERM),
        CLINUX_NEVER(SYS_open_by_handle_at, EPERM),
        CLINUX_ALLOW,
    };
    struct sock_fprog program = {.len = sizeof filter / sizeof filter[0], .filter = filter};
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0L, 0L);
#else
    errno = ENOSYS;
    return -1;
#endif
}

// A view of the mounts of its own for the calling thread and for what it starts (unshare(2), behind _GNU_SOURCE), and
// with it System V's shared memory, queues and semaphores; nothing mounted in it reaches the others.
static inline int clinux_own_mounts(void) {
    if (syscall(SYS_unshare, 0x00020000 /* CLONE_NEWNS */ | 0x08000000 /* CLONE_NEWIPC */) != 0) return -1;
    return mount((void *)0, "/", (void *)0, MS_REC | MS_SLAVE, (void *)0);
}

// Back to a view that the calling thread had.
static inline int clinux_enter_mounts(int view) { return (int)syscall(SYS_setns, view, 0x00020000 /* CLONE_NEWNS */); }

// The same numbers on every architecture. Linux 5.2 and 5.12.
enum { clinux_sys_open_tree = 428, clinux_sys_move_mount = 429, clinux_sys_mount_setattr = 442 };

// What is mounted there and beneath, once more and nowhere yet, as it is mounted now.
static inline int clinux_copy_tree(int place) {
    return (int)syscall(clinux_sys_open_tree, place, "", 1U /* CLONE */ | O_CLOEXEC | 0x8000U /* RECURSIVE */ |
                        0x1000U /* EMPTY_PATH */);
}

static inline int clinux_attach_tree(int tree, int place) {
    return (int)syscall(clinux_sys_move_mount, tree, "", place, "", 0x4U | 0x40U /* both are descriptors */);
}

// Whatever is mounted in this view: its files, and their modes, owners, times and attributes, stay as they are.
static inline int clinux_mounts_read_only(void) {
    struct { uint64_t set, clear, propagation, user; } attributes = {1 /* RDONLY */, 0, 0, 0};
    return (int)syscall(clinux_sys_mount_setattr, AT_FDCWD, "/", 0x8000U /* RECURSIVE */, &attributes,
                        sizeof attributes);
}

static inline int clinux_mount_empty(const char *place) {
    return mount("none", place, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "size=1m,mode=0755");
}

// As container engines give it: semaphores and shared memory of one task's processes.
static inline int clinux_mount_shared_memory(void) {
    return mount("shm", "/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "size=64m,mode=1777");
}

static inline int clinux_mount_read_only(const char *place) {
    return mount((void *)0, place, (void *)0, MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, "size=1m");
}

// 1 where filters can be set.
static inline int clinux_has_filters(void) {
#ifdef CLINUX_AUDIT_ARCH
    uint32_t action = SECCOMP_RET_ERRNO;
    return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0U, &action) == 0;
#else
    return 0;
#endif
}

// Leaves the calling thread at most those capabilities, and what it starts: what root is beyond them is gone for good.
static inline int clinux_keep_capabilities(uint64_t keep) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    struct __user_cap_data_struct data[2];
    if (syscall(SYS_capget, &header, data) != 0) return -1;
    for (int cap = 0; cap < 64; cap++) {
        if (!(keep >> cap & 1)) prctl(PR_CAPBSET_DROP, (long)cap, 0L, 0L, 0L);
    }
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0L, 0L, 0L);
    for (int half = 0; half < 2; half++) {
        uint32_t part = (uint32_t)(keep >> (32 * half));
        data[half].permitted &= part;
        data[half].effective &= part;
        data[half].inheritable = 0;
    }
    return (int)syscall(SYS_capset, &header, data);
}

#endif
