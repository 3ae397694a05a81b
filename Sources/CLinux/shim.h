// What Linux and glibc offer and Swift's Glibc module leaves out: variadic calls, calls behind _GNU_SOURCE, and their
// constants. No logic lives in this header.
#ifndef RECONCILE_CLINUX_SHIM_H
#define RECONCILE_CLINUX_SHIM_H

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

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

#endif
