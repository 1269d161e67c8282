/* What CommitBench does, by SQLite's C interface alone: the same schema, pragmas and rows, statements prepared once, one
 * thread. For each line "READINGS BATCH" of standard input it commits so many readings, so many in a transaction, and prints
 * the seconds.
 *
 *   cc -O2 commit_peer.c -lsqlite3 -o commit_peer
 *   commit_peer DIRECTORY/vitals.sqlite
 *
 * For each reading: whether it is there already, whether another has its time, the row with its content as JSON, and a row of
 * the outbox for the destination. For each transaction: whose the device is, and to whom that person has consented. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#define DEVICE "ble:F0:F1:F2:F3:F4:00"
#define BEGIN 1795305600LL /* 2026-11-22T00:00:00Z */
#define APPLE 978307200LL  /* 2001-01-01T00:00:00Z: dates in the JSON count from it */

#define COMPONENT "{\"code\":%d,\"value\":{\"quantity\":{\"_0\":{\"unit\":\"%s\",\"value\":%d}}}}"

static sqlite3 *db;

static void fail(const char *what) {
  fprintf(stderr, "commit_peer: %s: %s\n", what, db ? sqlite3_errmsg(db) : "");
  exit(1);
}

static sqlite3_stmt *prepare(const char *sql) {
  sqlite3_stmt *statement;
  if (sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL)) fail(sql);
  return statement;
}

static void run(const char *sql) {
  if (sqlite3_exec(db, sql, NULL, NULL, NULL)) fail(sql);
}

static void text(sqlite3_stmt *statement, int index, const char *value) {
  sqlite3_bind_text(statement, index, value, -1, SQLITE_STATIC);
}

static void done(sqlite3_stmt *statement) {
  if (sqlite3_step(statement) != SQLITE_DONE) fail(sqlite3_sql(statement));
  sqlite3_reset(statement);
}

/* The first column of the first row, or nothing. */
static int first(sqlite3_stmt *statement, char *value, size_t size) {
  int step = sqlite3_step(statement), found = step == SQLITE_ROW;
  if (step != SQLITE_ROW && step != SQLITE_DONE) fail(sqlite3_sql(statement));
  if (found && value) snprintf(value, size, "%s", (const char *)sqlite3_column_text(statement, 0));
  sqlite3_reset(statement);
  return found;
}

static sqlite3_stmt *known, *shares, *owner, *insert, *consents, *waiting;
static char patient[64], destination[64];

static void look(void) {
  text(owner, 1, DEVICE);
  if (!first(owner, patient, sizeof patient)) fail("nobody owns the cuff");
  text(consents, 1, patient);
  if (!first(consents, destination, sizeof destination)) fail("nobody has consented");
}

static void keep(long number) {
  int systolic = 105 + number % 40, diastolic = 70 + number % 20, pulse = 55 + number % 40;
  long seconds = number * 60;
  int month = 1 + seconds / 2419200 % 12, day = 1 + seconds / 86400 % 28, hour = seconds / 3600 % 24,
      minute = seconds / 60 % 60;
  unsigned char bytes[23] = {0x1E, systolic, 0, diastolic, 0, 100, 0, 0xEA, 0x07, month, day, hour, minute, 0, pulse, 0, 1, 0,
                             0, number, number >> 8, number >> 16, number >> 24};
  char hex[47], list[128], identity[160], verbatim[32], id[21], key[48], content[1536];
  unsigned char chance[20];
  char *place = list;
  for (int i = 0; i < 23; i++) {
    sprintf(hex + 2 * i, "%02x", bytes[i]);
    place += sprintf(place, i ? ",%d" : "%d", bytes[i]);
  }
  if (getrandom(chance, sizeof chance, 0) != sizeof chance) fail("getrandom");
  for (int i = 0; i < 20; i++) id[i] = "abcdefghjkmnpqrstuvwxyz23456789z"[chance[i] % 32];
  id[20] = 0;
  snprintf(verbatim, sizeof verbatim, "2026-%02d-%02dT%02d:%02d:00", month, day, hour, minute);
  snprintf(identity, sizeof identity, DEVICE "|%s|2A35:%s", verbatim, hex);

  text(known, 1, identity);
  if (first(known, NULL, 0)) return;
  text(shares, 1, DEVICE); text(shares, 2, verbatim);
  int isShared = first(shares, NULL, 0);

  snprintf(
      content, sizeof content,
      "{\"components\":[" COMPONENT "," COMPONENT "," COMPONENT "," COMPONENT "],\"device\":\"" DEVICE "\","
      "\"effective\":{\"basis\":\"device-clock\",\"span\":{\"instant\":{\"_0\":%lld}}},\"flags\":[],\"id\":\"%s\","
      "\"identity\":\"%s\",\"kind\":\"blood-pressure\",\"marks\":[%s],\"patient\":\"%s\","
      "\"provenance\":{\"authentication\":\"bonded\",\"bytes\":[%s],\"clockOffset\":1.5,\"deviceTime\":{\"day\":%d,"
      "\"hour\":%d,\"minute\":%d,\"month\":%d,\"second\":0,\"year\":2026},\"driver\":\"gatt-blood-pressure/1\","
      "\"format\":\"2A35\",\"isSimulated\":false,\"profile\":\"sig/blood-pressure\",\"receivedAt\":%lld}}",
      150021, "mm[Hg]", systolic, 150022, "mm[Hg]", diastolic, 150023, "mm[Hg]", 100, 149546, "/min", pulse,
      BEGIN + seconds - APPLE, id, identity, isShared ? "\"shares-device-time\"" : "", patient, list, day, hour, minute, month,
      BEGIN + seconds - APPLE);

  text(insert, 1, id); text(insert, 2, identity); text(insert, 3, "blood-pressure"); text(insert, 4, DEVICE);
  text(insert, 5, patient); text(insert, 6, verbatim);
  sqlite3_bind_double(insert, 7, (double)(BEGIN + seconds));
  sqlite3_bind_double(insert, 8, (double)(BEGIN + seconds));
  text(insert, 9, content);
  done(insert);

  snprintf(key, sizeof key, "obs-%s", id);
  text(waiting, 1, destination); text(waiting, 2, patient); text(waiting, 3, id); text(waiting, 4, key);
  sqlite3_bind_double(waiting, 5, (double)BEGIN);
  done(waiting);
}

int main(int count, char **words) {
  if (count != 2) { fprintf(stderr, "usage: commit_peer FILE\n"); return 64; }
  if (sqlite3_open_v2(words[1], &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL)) fail(words[1]);
  run("PRAGMA journal_mode = WAL");
  run("PRAGMA synchronous = FULL");
  run("PRAGMA foreign_keys = ON");
  run("PRAGMA cache_size = -1000");
  known = prepare("SELECT id FROM observations WHERE identity = ?");
  shares = prepare(
      "SELECT 1 FROM observations WHERE device_time IS NOT NULL AND device = ? AND kind = 'blood-pressure' AND device_time = ? "
      "LIMIT 1");
  owner = prepare("SELECT patient FROM device_users WHERE device = ? AND slot = -1");
  insert = prepare(
      "INSERT INTO observations (id, identity, kind, device, patient, device_time, effective_end, received_at, content) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
  consents = prepare("SELECT DISTINCT destination FROM consents WHERE patient = ? AND withdrawn_at IS NULL");
  waiting = prepare(
      "INSERT INTO outbox (destination, patient, observation, idempotency_key, created_at, due_at) "
      "VALUES (?, ?, ?, ?, ?, 0) ON CONFLICT (destination, idempotency_key) DO NOTHING");
  sqlite3_stmt *begin = prepare("BEGIN IMMEDIATE"), *commit = prepare("COMMIT");
  long number = 0, readings, batch;
  while (scanf("%ld %ld", &readings, &batch) == 2) {
    struct timespec start, end;
    clock_gettime(CLOCK_MONOTONIC, &start);
    for (long left = readings; left > 0; left -= batch) {
      done(begin);
      look();
      for (long i = 0; i < batch && i < left; i++) keep(number++);
      done(commit);
    }
    clock_gettime(CLOCK_MONOTONIC, &end);
    printf("%.9f\n", end.tv_sec - start.tv_sec + (end.tv_nsec - start.tv_nsec) * 1e-9);
    fflush(stdout);
  }
  return sqlite3_close_v2(db);
}
