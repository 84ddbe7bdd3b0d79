/** The schema of the predecessor: a table without a key, and its look-up index. */
export const predecessorTable = `
  create table container_metrics (
    time timestamptz not null,
    pod_id text not null,
    namespace text,
    energy_consumption double precision not null,
    container_name text not null,
    joules_total double precision not null
  );
  create index idx_lookup on container_metrics (pod_id, container_name, namespace, time desc);`
