#ifndef VITALS_CBLUETOOTH_SHIM_H
#define VITALS_CBLUETOOTH_SHIM_H

#include <sys/ioctl.h>
#include <sys/socket.h>
#include <bluetooth/bluetooth.h>
#include <bluetooth/hci.h>
#include <bluetooth/hci_lib.h>
#include <bluetooth/l2cap.h>

/* Swift imports no variadic functions. `list` is a struct hci_conn_list_req with room for conn_num entries. */
static inline int vitals_get_connections(int descriptor, void *list) { return ioctl(descriptor, HCIGETCONNLIST, list); }

#endif
