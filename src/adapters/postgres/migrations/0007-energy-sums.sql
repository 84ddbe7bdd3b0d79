create table energy_sums (
  level_seconds integer not null,
  begins_at timestamptz not null,
  container_ref integer not null,
  joules double precision not null,
  covered_ms double precision not null,
  samples integer not null,
  flags smallint not null,
  primary key (level_seconds, begins_at, container_ref)
);

comment on table energy_sums is 'Energy of a container in 300 s and in 3600 s, made of the measurements of at most five minutes; it can be made again.';
comment on column energy_sums.begins_at is 'A whole multiple of level_seconds since 1970 UTC.';
comment on column energy_sums.joules is 'A measurement that reaches over a boundary is divided in proportion to time.';
comment on column energy_sums.covered_ms is 'How much of that time its measurements cover.';
comment on column energy_sums.samples is 'Measurements that end in that time.';
comment on column energy_sums.flags is 'Bits that any of its measurements has.';

create table energy_sums_made (
  only_row boolean primary key default true check (only_row),
  made_until timestamptz not null,
  making_until timestamptz not null
);

comment on table energy_sums_made is 'Sums of the time before made_until are complete, but for those that energy_sums_to_make names. No row: there are none.';
comment on column energy_sums_made.making_until is 'Who writes a measurement of the time before puts its container into energy_sums_to_make.';

create table energy_sums_to_make (
  container_ref integer primary key,
  from_time timestamptz not null,
  until_time timestamptz not null
);

comment on table energy_sums_to_make is 'Containers whose sums do not hold all measurements, and of which time.';

create table energy_long_samples (
  time timestamptz not null,
  container_ref integer not null,
  started_at timestamptz not null,
  joules double precision not null,
  flags smallint not null,
  primary key (time, container_ref)
);

comment on table energy_long_samples is 'The measurements of more than five minutes once more, so that they are found by any of their time.';

insert into energy_long_samples (time, container_ref, started_at, joules, flags)
  select time, container_ref, started_at, joules, flags from container_metrics
  where time - started_at > interval '300 seconds';
