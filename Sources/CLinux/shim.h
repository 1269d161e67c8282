#ifndef VITALS_CLINUX_SHIM_H
#define VITALS_CLINUX_SHIM_H

/* adjtimex(2): whether the kernel holds its clock for synchronised. Swift's Glibc module leaves this header out. */
#include <sys/timex.h>

#endif
