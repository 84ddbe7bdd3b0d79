-- The table that existing callers read. Made if it is missing, and upgraded in place if it has rows.
create table if not exists container_metrics (
  time timestamptz not null,
  pod_id text not null,
  namespace text,
  energy_consumption double precision not null,
  container_name text not null,
  joules_total double precision not null
);

alter table container_metrics
  add column if not exists started_at timestamptz,
  add column if not exists joules double precision,
  add column if not exists container_ref integer,
  add column if not exists flags smallint;

comment on column container_metrics.time is 'End of the interval.';
comment on column container_metrics.pod_id is 'Name of the pod; empty while the exporter has not told it.';
comment on column container_metrics.energy_consumption is 'Mean power over the interval, in watts: joules / (time - started_at).';
comment on column container_metrics.joules_total is 'Sum of the container''s counters at the end of the interval, in joules.';
comment on column container_metrics.container_ref is 'container_refs.ref; null or negative in rows of the predecessor.';
comment on column container_metrics.started_at is 'Beginning of the interval; null in rows of the predecessor.';
comment on column container_metrics.joules is 'Energy used in the interval, in joules; null in rows of the predecessor.';
comment on column container_metrics.flags is 'Bits: 1 reset, 2 started, 4 terminated, 8 gap, 16 reappeared, 32 refused, 64 pod-level, 128 predecessor.';

-- Nulls are distinct: rows of the predecessor, also those it wrote twice, do not stand in the way.
create unique index if not exists container_metrics_container_time on container_metrics (container_ref, time);

-- The predecessor may have made this index under another name.
do $$
begin
  if not exists (
    select from pg_indexes
    where schemaname = current_schema() and tablename = 'container_metrics'
      and indexdef like '%(pod_id, container_name, namespace, "time" DESC)'
  ) then
    create index container_metrics_lookup on container_metrics (pod_id, container_name, namespace, time desc);
  end if;
end
$$;

-- Rows arrive in the order of time, so that a few kilobytes tell which blocks hold a time: for retention and for sums over all containers.
create index if not exists container_metrics_time on container_metrics using brin (time) with (autosummarize = on);

-- Which workloads only the predecessor measured. It costs nothing for rows of ours.
create index if not exists container_metrics_predecessor on container_metrics (time) where started_at is null;
