alter table node_states add column made_by text not null default '';

comment on column node_states.made_by is 'The process that wrote it; a page of another one that goes on from an earlier state is not kept.';
