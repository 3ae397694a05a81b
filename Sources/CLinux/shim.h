// What Linux and glibc offer and Swift's Glibc module leaves out: variadic calls, calls behind _GNU_SOURCE, and their
// constants. No logic lives in this header.
#ifndef RECONCILE_CLINUX_SHIM_H
#define RECONCILE_CLINUX_SHIM_H

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include "confinement.h"

// Open file description locks (fcntl(2)): held by everybody who inherited the descriptor, testable without taking.
enum { clinux_ofd_getlk = 36, clinux_ofd_setlk = 37 };

// posix_spawn(3): the child leads a new session. glibc 2.26.
static const short clinux_spawn_setsid = 0x80;

// glibc 2.29 and 2.34.
extern int posix_spawn_file_actions_addchdir_np(posix_spawn_file_actions_t *actions, const char *path);
extern int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int from);

extern int pipe2(int ends[2], int flags);

// Orphaned descendants become children of this process (prctl(2)). Linux 3.4.
static inline int clinux_become_subreaper(void) {
    return prctl(PR_SET_CHILD_SUBREAPER, 1L, 0L, 0L, 0L);
}

// A descriptor of a process, readable once it has ended (pidfd_open(2)). Linux 5.3.
static inline int clinux_pidfd_open(pid_t pid) {
    return (int)syscall(SYS_pidfd_open, pid, 0);
}

static inline int clinux_pidfd_send_signal(int descriptor, int number) {
    return (int)syscall(SYS_pidfd_send_signal, descriptor, number, (void *)0, 0);
}

// Anonymous memory behind a descriptor (memfd_create(2)), closed on exec. Linux 3.17.
static inline int clinux_memory_file(const char *name) {
    return (int)syscall(SYS_memfd_create, name, 1U);
}

// Sockets with a name in the file system (unix(7)): the address is filled in here, whose path Swift sees as a tuple.
static inline int clinux_bind_local(int descriptor, const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) { errno = ENAMETOOLONG; return -1; }
    strcpy(address.sun_path, path);
    return bind(descriptor, (const struct sockaddr *)&address, sizeof address);
}

static inline int clinux_connect_local(int descriptor, const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) { errno = ENAMETOOLONG; return -1; }
    strcpy(address.sun_path, path);
    return connect(descriptor, (const struct sockaddr *)&address, sizeof address);
}

// Descriptors beside one byte (SCM_RIGHTS), whose layout is macros. At most as many as clinux_most_descriptors.
enum { clinux_most_descriptors = 16 };

static inline ssize_t clinux_send_descriptors(int socket, const int *descriptors, int count) {
    char byte = 0;
    struct iovec piece = {.iov_base = &byte, .iov_len = 1};
    _Alignas(struct cmsghdr) char control[CMSG_SPACE(clinux_most_descriptors * sizeof(int))] = {0};
    struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1, .msg_control = control};
    message.msg_controllen = CMSG_SPACE(count * sizeof(int));
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(count * sizeof(int));
    memcpy(CMSG_DATA(header), descriptors, count * sizeof(int));
    return sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

// How many came, closed on exec each; -1 for none.
static inline int clinux_receive_descriptors(int socket, int *descriptors) {
    char byte = 0;
    struct iovec piece = {.iov_base = &byte, .iov_len = 1};
    _Alignas(struct cmsghdr) char control[CMSG_SPACE(clinux_most_descriptors * sizeof(int))] = {0};
    struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    ssize_t size = recvmsg(socket, &message, 0x40000000 /* MSG_CMSG_CLOEXEC */);
    if (size < 0) return -1;
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (size == 0 || !header || header->cmsg_type != SCM_RIGHTS) { errno = EPROTO; return -1; }
    int count = (int)((header->cmsg_len - CMSG_LEN(0)) / sizeof(int));
    memcpy(descriptors, CMSG_DATA(header), count * sizeof(int));
    return count;
}

// Nobody else of the same user may look into this process (PR_SET_DUMPABLE, prctl(2)).
static inline int clinux_forbid_inspection(void) { return prctl(PR_SET_DUMPABLE, 0L, 0L, 0L, 0L); }

// What the allocator has given out (mallinfo2(3)). glibc 2.33.
static inline size_t clinux_used_heap(void) {
    struct mallinfo2 all = mallinfo2();
    return all.uordblks + all.hblkhd;
}

// Gives back what nobody uses, of every arena, in the middle of them too (malloc_trim(3)).
static inline int clinux_trim_heap(void) { return malloc_trim(0); }

// At most so many arenas (mallopt(3)): each keeps what was freed in it for its own threads.
static inline int clinux_limit_arenas(int count) { return mallopt(M_ARENA_MAX, count); }

#endif
