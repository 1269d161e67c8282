#ifndef VITALS_CLIBUSB_SHIM_H
#define VITALS_CLIBUSB_SHIM_H

#include <libusb.h>

#endif
