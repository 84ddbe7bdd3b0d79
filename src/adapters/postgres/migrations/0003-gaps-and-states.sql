create table energy_gaps (
  id bigserial primary key,
  digest uuid not null unique,
  node text not null,
  container_id text not null,
  component text not null,
  namespace text,
  pod text,
  container text,
  started_at timestamptz not null,
  ended_at timestamptz not null,
  cause text not null,
  claimed_joules double precision
);

comment on table energy_gaps is 'Time in which a container may have used energy that nobody counted.';
comment on column energy_gaps.digest is 'Of all that a gap says: the same one is kept once.';
comment on column energy_gaps.claimed_joules is 'What the exporter claimed, where cause is refused.';

create index energy_gaps_ended_at on energy_gaps (ended_at);

create table node_states (
  node text primary key,
  at timestamptz not null,
  state bytea not null
);

-- A state is some hundred bytes a container and written with every batch: the server need not try to pack it again.
alter table node_states alter column state set storage external;

comment on table node_states is 'Where the counters of a node stood after the last scrape that is kept.';
comment on column node_states.state is 'JSON, compressed with zlib (RFC 1950).';

create table set_aside_measurements (
  digest uuid primary key,
  set_aside_at timestamptz not null default now(),
  reason text not null,
  row text not null
);

comment on table set_aside_measurements is 'What could not be kept, as JSON, and why.';
