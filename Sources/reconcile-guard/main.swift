import Glibc
import Host

// `reconcile guard` as a program of its own: small and linked statically it starts in a tenth of the time, and every
// task waits for that once.
exit(GuardMain.run())
