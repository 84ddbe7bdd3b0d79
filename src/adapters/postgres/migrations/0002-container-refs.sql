create table container_refs (
  ref serial primary key,
  node text not null,
  container_id text not null,
  namespace text,
  pod text,
  container text,
  named_at timestamptz,
  last_measured_at timestamptz not null,
  unique (node, container_id)
);

comment on table container_refs is 'A container on a node, under a short number.';
comment on column container_refs.namespace is 'The names are null while the exporter has not told them.';
comment on column container_refs.named_at is 'The scrape that told the names; an older one does not change them.';
comment on column container_refs.last_measured_at is 'A measurement of the container ended then; the last one ended less than ten minutes later.';

create index container_refs_last_measured_at on container_refs (last_measured_at);
