import Glibc
import Host

// `reconcile guard` as a program of its own: without the libraries of the whole it starts in a tenth of the time, and
// every task waits for that once.
exit(GuardMain.run())
