#ifndef VITALS_CLINUX_SHIM_H
#define VITALS_CLINUX_SHIM_H

/* adjtimex(2): whether the kernel holds its clock for synchronised. Swift's Glibc module leaves this header out. */
#include <sys/timex.h>
#include <time.h>

/* Seconds since the boot, suspended time included (clock_gettime(2)); 0 where the kernel cannot say. */
static inline double vitals_boottime(void) {
  struct timespec now;
  return clock_gettime(CLOCK_BOOTTIME, &now) == 0 ? (double)now.tv_sec + (double)now.tv_nsec / 1e9 : 0;
}

/* Core dumps of this process (prctl(2), PR_SET_DUMPABLE): variadic, so Swift does not see it. */
#include <sys/prctl.h>

static inline int vitals_forbid_dump(void) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }
static inline int vitals_is_dumpable(void) { return prctl(PR_GET_DUMPABLE, 0, 0, 0, 0); }

/* syncfs(2): only with _GNU_SOURCE, which Swift's modules are built without. */
static inline int vitals_syncfs(int descriptor) {
  extern int syncfs(int);
  return syncfs(descriptor);
}

#endif
