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

#endif
