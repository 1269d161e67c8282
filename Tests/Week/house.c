/* What the week lays under a program (LD_PRELOAD): the clock, the adapter and the card of a simulated house.
 *
 * The program is the product's own, unchanged. Only what it asks of the C library is answered by the house:
 *   - time goes on as it does, plus what `week` has skipped; a timer that a skip passes rings (timerfd_settime(2));
 *   - AF_BLUETOOTH sockets lead to `air.py`, which plays the kernel's part of them;
 *   - a write to the database fails while the card is said to be full or broken.
 *
 *   WEEK_STATE   the file of `struct state`, shared by all; without it everything is as without this library
 *   WEEK_FOLDER  where the sockets of air.py lie
 *   WEEK_BELL    set for the daemon: the socket on which `week` says that it has skipped time
 *   WEEK_RIGHT   set for who lives elsewhere: the clock that is always right
 *
 * Layouts: <bluetooth/bluetooth.h>, <bluetooth/l2cap.h>, <bluetooth/hci.h>; they are repeated here, so that the week needs
 * nothing but a compiler.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <malloc.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/timex.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

/* Beside `House` in house.py. */
struct state {
  int64_t skipped;        /* nanoseconds that every clock is ahead of the machine's */
  int64_t date;           /* nanoseconds that the right time of day is ahead of the machine's beside that */
  int64_t wrong;          /* nanoseconds that the box's time of day is ahead of the right one */
  int32_t unsynchronised; /* the kernel does not hold the clock for right */
  int32_t card;           /* 0: well; 1: full (ENOSPC); 2: it cannot be written (EIO) */
  int32_t planted;        /* 1: a descriptor is left open each simulated noon (UTC); 2: 100 KiB are forgotten each simulated hour */
  int32_t card_refused;   /* how many calls the card has refused */
};

enum { BLUETOOTH = 31, HCI = 1, L2CAP = 0, SOL_BT = 274, BT_SECURITY_OPTION = 4, HCIGETCONNLIST_REQUEST = 0x800448D4 };
enum { MOST = 4096 };
enum kind { PLAIN, CONTROL, ATT_LISTENER, ATT_LINK };

struct address_l2 { uint16_t family, psm; uint8_t address[6]; uint16_t cid; uint8_t type; };

static struct state none;
static volatile struct state *state = &none;
static const char *folder, *right;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uint8_t kinds[MOST], levels[MOST];
static struct { uint8_t armed; clockid_t clock; int64_t due; } timers[MOST];
static uint8_t timer_clocks[MOST];

#define REAL(name) ({ static __typeof__(&name) found; if (!found) found = (__typeof__(&name))dlsym(RTLD_NEXT, #name); found; })

static int64_t nanoseconds(struct timespec t) { return t.tv_sec * 1000000000LL + t.tv_nsec; }

static struct timespec timespec_of(int64_t n) {
  struct timespec t = { n / 1000000000LL, n % 1000000000LL };
  return t;
}

static int64_t ahead(clockid_t clock) {
  switch (clock) {
    case CLOCK_REALTIME: case CLOCK_REALTIME_COARSE: return state->skipped + state->date + (right ? 0 : state->wrong);
    case CLOCK_MONOTONIC: case CLOCK_MONOTONIC_RAW: case CLOCK_MONOTONIC_COARSE: case CLOCK_BOOTTIME: return state->skipped;
    default: return 0;
  }
}

static int64_t now(clockid_t clock) {
  struct timespec t;
  syscall(SYS_clock_gettime, clock, &t);
  return nanoseconds(t) + ahead(clock);
}

/* Clocks */

int clock_gettime(clockid_t clock, struct timespec *t) {
  int (*found)(clockid_t, struct timespec *) = REAL(clock_gettime);
  int result = found ? found(clock, t) : (int)syscall(SYS_clock_gettime, clock, t);
  if (result == 0) *t = timespec_of(nanoseconds(*t) + ahead(clock));
  return result;
}

int gettimeofday(struct timeval *t, void *zone __attribute__((unused))) {
  int64_t n = now(CLOCK_REALTIME);
  t->tv_sec = n / 1000000000LL;
  t->tv_usec = n % 1000000000LL / 1000;
  return 0;
}

time_t time(time_t *t) {
  time_t seconds = now(CLOCK_REALTIME) / 1000000000LL;
  if (t) *t = seconds;
  return seconds;
}

int adjtimex(struct timex *answer) {
  memset(answer, 0, sizeof *answer);
  answer->status = state->unsynchronised ? STA_UNSYNC : 0;
  return state->unsynchronised ? TIME_ERROR : TIME_OK;
}

/* Waits with a deadline */

/* Threads of a pool that have nothing to do end by this one: a skip has to pass it. */
int sem_timedwait(sem_t *semaphore, const struct timespec *deadline) {
  int (*found)(sem_t *, const struct timespec *) = REAL(sem_timedwait);
  int64_t slice = 50000000;
  for (;;) {
    int64_t left = nanoseconds(*deadline) - now(CLOCK_REALTIME);
    struct timespec t;
    syscall(SYS_clock_gettime, CLOCK_REALTIME, &t);
    t = timespec_of(nanoseconds(t) + (left < 0 ? 0 : left < slice ? left : slice));
    if (found(semaphore, &t) == 0) return 0;
    if (errno != ETIMEDOUT || left <= slice) return -1;
  }
}

/* What this one waits for comes in real time. */
static struct timespec real_deadline(const struct timespec *deadline) {
  int64_t n = nanoseconds(*deadline) - ahead(CLOCK_REALTIME);
  return timespec_of(n < 0 ? 0 : n);
}

int pthread_cond_timedwait(pthread_cond_t *condition, pthread_mutex_t *mutex, const struct timespec *deadline) {
  static int (*found)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *);
  /* Not dlsym: it may give the function of another version. */
  if (!found) found = dlvsym(RTLD_NEXT, "pthread_cond_timedwait", "GLIBC_2.3.2");
  struct timespec t = real_deadline(deadline);
  return found(condition, mutex, &t);
}

/* Timers */

static void arm(int descriptor) {
  int64_t due = timers[descriptor].due - ahead(timers[descriptor].clock);
  struct itimerspec real = { { 0, 0 }, timespec_of(due < 1 ? 1 : due) };
  REAL(timerfd_settime)(descriptor, TFD_TIMER_ABSTIME, &real, NULL);
}

int timerfd_create(int clock, int flags) {
  int descriptor = REAL(timerfd_create)(clock, flags);
  if (descriptor >= 0 && descriptor < MOST) timer_clocks[descriptor] = (uint8_t)clock;
  return descriptor;
}

int timerfd_settime(int descriptor, int flags, const struct itimerspec *wanted, struct itimerspec *old) {
  if (descriptor < 0 || descriptor >= MOST || state == &none)
    return REAL(timerfd_settime)(descriptor, flags, wanted, old);
  if (old) memset(old, 0, sizeof *old);
  pthread_mutex_lock(&lock);
  int64_t value = nanoseconds(wanted->it_value);
  timers[descriptor].armed = value != 0;
  if (value) {
    timers[descriptor].clock = timer_clocks[descriptor];
    timers[descriptor].due = flags & TFD_TIMER_ABSTIME ? value : now(timers[descriptor].clock) + value;
    arm(descriptor);
  } else {
    REAL(timerfd_settime)(descriptor, 0, wanted, NULL);
  }
  pthread_mutex_unlock(&lock);
  return 0;
}

/* What the self-test plants. */
static void leak(int kind) {
  static void *volatile forgotten;
  if (kind == 1) open("/dev/null", O_RDONLY | O_CLOEXEC);
  else forgotten = malloc(100 * 1024);
}

static void *bell(void *path) {
  struct sockaddr_un name = { .sun_family = AF_UNIX };
  int64_t leaked = 0, hour = 3600000000000LL, day = 24 * hour;
  strncpy(name.sun_path, path, sizeof name.sun_path - 1);
  int descriptor = REAL(socket)(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
  if (connect(descriptor, (struct sockaddr *)&name, sizeof name)) return NULL;
  char ring;
  while (recv(descriptor, &ring, 1, 0) == 1) {
    int64_t answer = INT64_MAX;
    if (ring == 's') {
      /* Of them SQLite's, most of which is its page caches (sqlite3_memory_used). */
      int64_t (*used)(void) = (int64_t (*)(void))dlsym(RTLD_DEFAULT, "sqlite3_memory_used");
      answer = used ? used() : 0;
      send(descriptor, &answer, sizeof answer, MSG_NOSIGNAL);
      continue;
    }
    if (ring == 'm') {
      /* How many octets the program has asked for and not given back; what it gave back goes to the system. */
      struct mallinfo2 heap = mallinfo2();
      answer = heap.uordblks + heap.hblkhd;
      malloc_trim(0);
      send(descriptor, &answer, sizeof answer, MSG_NOSIGNAL);
      continue;
    }
    pthread_mutex_lock(&lock);
    for (int i = 0; i < MOST; i++) {
      if (!timers[i].armed) continue;
      arm(i);
      int64_t left = timers[i].due - now(timers[i].clock);
      if (left < answer) answer = left;
    }
    pthread_mutex_unlock(&lock);
    if (state->planted) {
      int64_t time = now(CLOCK_REALTIME) - state->wrong;
      int64_t times = state->planted == 1 ? (time + 12 * hour) / day : time / hour;
      if (leaked && times > leaked) leak(state->planted);
      leaked = times;
    }
    send(descriptor, &answer, sizeof answer, MSG_NOSIGNAL);
  }
  return NULL;
}

/* Bluetooth */

static int place(struct sockaddr_un *name, const char *file) {
  name->sun_family = AF_UNIX;
  return snprintf(name->sun_path, sizeof name->sun_path, "%s/%s", folder, file) < (int)sizeof name->sun_path;
}

int socket(int domain, int type, int protocol) {
  if (domain != BLUETOOTH || !folder) return REAL(socket)(domain, type, protocol);
  int flags = type & (SOCK_CLOEXEC | SOCK_NONBLOCK);
  int descriptor = REAL(socket)(AF_UNIX, SOCK_SEQPACKET | flags, 0);
  if (descriptor >= 0 && descriptor < MOST) {
    kinds[descriptor] = protocol == HCI ? CONTROL : ATT_LISTENER;
    levels[descriptor] = 1;
  }
  return descriptor;
}

int bind(int descriptor, const struct sockaddr *address, socklen_t length) {
  if (address->sa_family != BLUETOOTH || !folder) return REAL(bind)(descriptor, address, length);
  struct sockaddr_un name;
  if (kinds[descriptor] == CONTROL) {
    place(&name, "management");
    if (connect(descriptor, (struct sockaddr *)&name, sizeof name) == 0) return 0;
    errno = ENODEV;
    return -1;
  }
  place(&name, "att");
  unlink(name.sun_path);
  return REAL(bind)(descriptor, (struct sockaddr *)&name, sizeof name);
}

/* air.py binds its end to `device-F0F1F2F3F4F5-N`. */
int accept(int descriptor, struct sockaddr *address, socklen_t *length) {
  if (descriptor < 0 || descriptor >= MOST || kinds[descriptor] != ATT_LISTENER)
    return REAL(accept)(descriptor, address, length);
  struct sockaddr_un name;
  socklen_t size = sizeof name;
  memset(&name, 0, sizeof name);
  int accepted = REAL(accept)(descriptor, (struct sockaddr *)&name, &size);
  if (accepted < 0) return accepted;
  struct address_l2 peer = { BLUETOOTH, 0, { 0 }, 4, 2 };
  const char *said = strstr(name.sun_path, "device-");
  for (int i = 0; said && i < 6; i++) {
    unsigned octet = 0;
    sscanf(said + 7 + 2 * i, "%2x", &octet);
    peer.address[5 - i] = (uint8_t)octet;
  }
  if (address && length) memcpy(address, &peer, *length < sizeof peer ? *length : sizeof peer);
  if (accepted < MOST) {
    kinds[accepted] = ATT_LINK;
    levels[accepted] = levels[descriptor];
  }
  return accepted;
}

int getsockname(int descriptor, struct sockaddr *address, socklen_t *length) {
  if (descriptor < 0 || descriptor >= MOST || kinds[descriptor] != ATT_LINK)
    return REAL(getsockname)(descriptor, address, length);
  struct address_l2 own = { BLUETOOTH, 0, { 0 }, 4, 2 };
  memcpy(address, &own, *length < sizeof own ? *length : sizeof own);
  return 0;
}

/* A key that was loaded encrypts at once. */
int setsockopt(int descriptor, int level, int option, const void *value, socklen_t length) {
  if (level != SOL_BT) return REAL(setsockopt)(descriptor, level, option, value, length);
  levels[descriptor] = *(const uint8_t *)value;
  return 0;
}

int getsockopt(int descriptor, int level, int option, void *value, socklen_t *length) {
  if (level != SOL_BT) return REAL(getsockopt)(descriptor, level, option, value, length);
  ((uint8_t *)value)[0] = levels[descriptor];
  ((uint8_t *)value)[1] = levels[descriptor] > 1 ? 16 : 0;
  return 0;
}

int ioctl(int descriptor, unsigned long request, ...) {
  va_list list;
  va_start(list, request);
  void *argument = va_arg(list, void *);
  va_end(list);
  if (folder && (request & 0xFFFFFFFF) == HCIGETCONNLIST_REQUEST) {
    /* Attempts are made in no time here, and links are told of by events. */
    ((uint16_t *)argument)[1] = 0;
    return 0;
  }
  return REAL(ioctl)(descriptor, request, argument);
}

int close(int descriptor) {
  if (descriptor >= 0 && descriptor < MOST) {
    pthread_mutex_lock(&lock);
    kinds[descriptor] = PLAIN;
    timers[descriptor].armed = 0;
    pthread_mutex_unlock(&lock);
  }
  return REAL(close)(descriptor);
}

/* The card */

static int refused(int descriptor) {
  if (!state->card) return 0;
  char link[64], path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  if (!strstr(path, "/vitals.sqlite")) return 0;
  __atomic_add_fetch(&state->card_refused, 1, __ATOMIC_RELAXED);
  errno = state->card == 1 ? ENOSPC : EIO;
  return 1;
}

ssize_t write(int descriptor, const void *bytes, size_t count) {
  return refused(descriptor) ? -1 : REAL(write)(descriptor, bytes, count);
}

ssize_t pwrite64(int descriptor, const void *bytes, size_t count, off64_t offset) {
  return refused(descriptor) ? -1 : REAL(pwrite64)(descriptor, bytes, count, offset);
}

int ftruncate64(int descriptor, off64_t length) {
  return refused(descriptor) ? -1 : REAL(ftruncate64)(descriptor, length);
}

int fdatasync(int descriptor) {
  /* A full card still takes what it has taken. */
  return state->card == 2 && refused(descriptor) ? -1 : REAL(fdatasync)(descriptor);
}

int fsync(int descriptor) {
  return state->card == 2 && refused(descriptor) ? -1 : REAL(fsync)(descriptor);
}

/* `week` counts the daemon's descriptors, which only root may for a program that forbids its dump. */
int prctl(int option, ...) {
  va_list list;
  va_start(list, option);
  unsigned long a = va_arg(list, unsigned long), b = va_arg(list, unsigned long), c = va_arg(list, unsigned long),
                d = va_arg(list, unsigned long);
  va_end(list);
  if (option == PR_SET_DUMPABLE && folder) return 0;
  return REAL(prctl)(option, a, b, c, d);
}

__attribute__((constructor)) static void begin(void) {
  const char *file = getenv("WEEK_STATE"), *ring = getenv("WEEK_BELL");
  if (!file) return;
  folder = getenv("WEEK_FOLDER");
  right = getenv("WEEK_RIGHT");
  int descriptor = open(file, O_RDWR | O_CLOEXEC);
  if (descriptor < 0) return;
  void *shared = mmap(NULL, sizeof *state, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
  close(descriptor);
  if (shared == MAP_FAILED) return;
  state = shared;
  if (!ring) return;
  sigset_t all, before;
  pthread_t thread;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_create(&thread, NULL, bell, (void *)ring);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
}
