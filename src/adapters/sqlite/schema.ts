/** Written into every file of ours, so that we never touch another program's: the letters "CO2e" (sqlite.org/fileformat2.html, 1.3.15). */
export const applicationId = 0x43_4f_32_65

/**
 * One script for each version of the schema; a file says its own in `user_version`. A script that was released is
 * never changed: the next version is a new script at the end.
 *
 * Times are milliseconds since 1970 in UTC. Samples are written to `recent_sample` in the order of time, so that a
 * scrape touches a few pages, and move on to `settled_sample` in the order of containers, many of each at a time, so
 * that a container's samples lie together. (Straight into the order of containers, 1,000 of them, took 2.3 times as long
 * and wrote 2,400 bytes to the disk for each sample instead of 500.) Of a node, every sample that ends at `settled_until_ms` or before is settled,
 * every later one is recent: so each has one place, and that is where it is looked for when it comes again.
 *
 * Samples of more than five minutes are few; they are kept in `long_sample` once more, so that whoever looks for the
 * energy of a time need not look through all that ended later.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE node (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    settled_until_ms INTEGER NOT NULL
  );

  CREATE TABLE node_state (
    node INTEGER PRIMARY KEY REFERENCES node,
    at_ms INTEGER NOT NULL,
    state TEXT NOT NULL
  );

  CREATE TABLE container (
    id INTEGER PRIMARY KEY,
    node INTEGER NOT NULL REFERENCES node,
    container_id TEXT NOT NULL,
    namespace TEXT,
    pod TEXT,
    container TEXT,
    named_at_ms INTEGER,
    UNIQUE (node, container_id)
  );
  CREATE INDEX container_by_names ON container (namespace, pod, container) WHERE named_at_ms IS NOT NULL;

  CREATE TABLE recent_sample (
    node INTEGER NOT NULL,
    ends_at_ms INTEGER NOT NULL,
    container INTEGER NOT NULL,
    lasts_ms INTEGER NOT NULL,
    energy_joules REAL NOT NULL,
    counter_joules REAL NOT NULL,
    flags INTEGER NOT NULL,
    PRIMARY KEY (node, ends_at_ms, container)
  ) WITHOUT ROWID;

  CREATE TABLE settled_sample (
    container INTEGER NOT NULL,
    ends_at_ms INTEGER NOT NULL,
    lasts_ms INTEGER NOT NULL,
    energy_joules REAL NOT NULL,
    counter_joules REAL NOT NULL,
    flags INTEGER NOT NULL,
    PRIMARY KEY (container, ends_at_ms)
  ) WITHOUT ROWID;

  CREATE VIEW sample AS
    SELECT container, ends_at_ms, lasts_ms, energy_joules, counter_joules, flags FROM settled_sample
    UNION ALL
    SELECT container, ends_at_ms, lasts_ms, energy_joules, counter_joules, flags FROM recent_sample;

  CREATE TABLE gap (
    ends_at_ms INTEGER NOT NULL,
    container INTEGER NOT NULL REFERENCES container,
    component TEXT NOT NULL,
    begins_at_ms INTEGER NOT NULL,
    cause TEXT NOT NULL,
    claimed_joules REAL,
    PRIMARY KEY (ends_at_ms, container, component, begins_at_ms, cause)
  ) WITHOUT ROWID;
  CREATE INDEX gap_by_container ON gap (container);

  CREATE TABLE set_aside (
    id INTEGER PRIMARY KEY,
    set_aside_at_ms INTEGER NOT NULL,
    node TEXT NOT NULL,
    reason TEXT NOT NULL,
    content TEXT NOT NULL,
    digest TEXT NOT NULL UNIQUE
  );

  CREATE TABLE carbon_intensity (
    id INTEGER PRIMARY KEY,
    zone TEXT NOT NULL,
    source TEXT NOT NULL,
    retrieved_at_ms REAL NOT NULL,
    method TEXT NOT NULL,
    method_detail TEXT,
    method_year INTEGER,
    valid_from_ms REAL,
    valid_to_ms REAL,
    grams_co2e_per_kwh REAL,
    signal TEXT,
    basis TEXT,
    rank REAL
  );
  CREATE UNIQUE INDEX carbon_intensity_once ON carbon_intensity (
    zone, source, retrieved_at_ms, method, quote(method_detail), quote(method_year), quote(valid_from_ms),
    quote(valid_to_ms), quote(grams_co2e_per_kwh), quote(signal), quote(basis), quote(rank)
  );
  `,
  // Sums of energy, which are made of the samples that are not long, and can be made again. A bucket of `level_s` seconds begins at a whole
  // multiple of them; buckets that end at `made_until_ms` or before are complete, but for what `sums_to_make` names.
  // Whoever writes a sample of the time before `making_until_ms` puts its container there, once more touched.
  `
  CREATE TABLE energy_sum (
    level_s INTEGER NOT NULL,
    begins_at_ms INTEGER NOT NULL,
    container INTEGER NOT NULL,
    energy_joules REAL NOT NULL,
    covered_ms INTEGER NOT NULL,
    samples INTEGER NOT NULL,
    flags INTEGER NOT NULL,
    PRIMARY KEY (level_s, begins_at_ms, container)
  ) WITHOUT ROWID;

  CREATE TABLE sums_made (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    made_until_ms INTEGER NOT NULL,
    making_until_ms INTEGER NOT NULL
  );

  CREATE TABLE sums_to_make (
    container INTEGER PRIMARY KEY,
    from_ms INTEGER NOT NULL,
    until_ms INTEGER NOT NULL,
    touched INTEGER NOT NULL
  );

  CREATE TABLE long_sample (
    ends_at_ms INTEGER NOT NULL,
    container INTEGER NOT NULL,
    lasts_ms INTEGER NOT NULL,
    energy_joules REAL NOT NULL,
    flags INTEGER NOT NULL,
    PRIMARY KEY (ends_at_ms, container)
  ) WITHOUT ROWID;
  INSERT INTO long_sample
    SELECT ends_at_ms, container, lasts_ms, energy_joules, flags FROM sample WHERE lasts_ms > 300000;
  `,
]
