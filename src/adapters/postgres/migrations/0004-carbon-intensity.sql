create table carbon_intensity (
  id bigserial primary key,
  digest uuid not null unique,
  zone text not null,
  valid_from timestamptz not null,
  valid_to timestamptz not null,
  g_per_kwh double precision,
  source text not null,
  method text,
  method_detail text,
  year integer,
  signal text,
  basis text,
  rank double precision,
  retrieved_at timestamptz not null
);

comment on table carbon_intensity is 'What sources said about zones. Rows are only ever added.';
comment on column carbon_intensity.digest is 'Of all that a row says: the same one is kept once.';
comment on column carbon_intensity.valid_from is 'Half-open [valid_from, valid_to); either end may be infinite.';
comment on column carbon_intensity.g_per_kwh is 'Grams of CO2e per kilowatt hour; null when the source withdrew what it had said of the zone before.';
comment on column carbon_intensity.retrieved_at is 'From when on it was known; -infinity for what ships with the program.';

create index carbon_intensity_retrieved_at on carbon_intensity (retrieved_at, id);
