-- Emissions for whoever reads the database, worked out as the service does. What they are made of exists since PostgreSQL 14.

create index carbon_intensity_zone on carbon_intensity (zone, valid_to);

create view co2_samples as
  select m.time, m.started_at, c.node, c.container_id, m.namespace, m.pod_id as pod, m.container_name as container,
    m.joules, m.energy_consumption as watts, m.flags
  from container_metrics m left join container_refs c on c.ref = m.container_ref
  where m.started_at is not null
  union all
  -- The predecessor wrote some rows twice, divided by its interval, and kept neither that nor a node.
  select p.time, p.time - p.seconds * interval '1 second', '', 'predecessor', coalesce(p.namespace, ''), p.pod_id, p.container_name,
    p.energy_consumption * p.seconds, p.energy_consumption, 128::smallint
  from (
    select distinct m.time, m.namespace, m.pod_id, m.container_name, m.energy_consumption, m.joules_total,
      coalesce(nullif(current_setting('co2_api.sample_interval_seconds', true), ''), '10')::double precision as seconds
    from container_metrics m where m.started_at is null
  ) p;

comment on view co2_samples is 'What containers used between started_at and time. Rows of the predecessor count as long as co2_api.sample_interval_seconds says, else ten seconds.';

do $migration$
begin
  if current_setting('server_version_num')::integer < 140000 then
    raise notice 'co2_intensity and co2_emissions need PostgreSQL 14; the rest works without them';
    return;
  end if;

  -- The best fact at each instant: of the best source, then by the best method, then the one that was learned last.
  -- Facts are painted onto the time that is asked about, best first, each only where nothing is painted yet.
  execute $function$
    create function co2_intensity(
      for_zone text, from_time timestamptz, to_time timestamptz, as_of timestamptz default now(),
      for_signal text default 'average', for_basis text default 'lifecycle'
    ) returns table (valid_from timestamptz, valid_to timestamptz, g_per_kwh double precision, source text, method text)
    language plpgsql stable set search_path from current as $body$
    declare
      unpainted tstzmultirange := tstzmultirange(tstzrange(from_time, to_time));
      painted tstzmultirange;
      fact record;
    begin
      for fact in
        select f.* from carbon_intensity f
        where f.zone = for_zone and f.valid_from < to_time and f.valid_to > from_time
          and f.retrieved_at <= as_of and f.g_per_kwh is not null and f.signal = for_signal
          and case f.basis when 'unstated' then 'lifecycle' else f.basis end = for_basis
          and not exists (
            select from carbon_intensity w
            where w.zone = f.zone and w.source = f.source and w.g_per_kwh is null
              and f.retrieved_at < w.retrieved_at and w.retrieved_at <= as_of
          )
        order by f.rank,
          array_position(array['configured', 'measured', 'estimated', 'forecast', 'annual-average'], f.method),
          f.retrieved_at desc,
          extract(epoch from f.valid_to) - extract(epoch from f.valid_from),
          f.valid_from desc, f.valid_to desc, f.g_per_kwh desc, f.source collate "C"
      loop
        exit when isempty(unpainted);
        painted := unpainted * tstzmultirange(tstzrange(fact.valid_from, fact.valid_to));
        continue when isempty(painted);
        unpainted := unpainted - painted;
        return query
          select lower(piece), upper(piece), fact.g_per_kwh, fact.source, fact.method from unnest(painted) as piece;
      end loop;
    end
    $body$
  $function$;

  -- Of each sample that ends after from_time, up to to_time: energy times the time-weighted mean intensity of its interval.
  -- A sample that meets time without an intensity has no grams.
  execute $function$
    create function co2_emissions(
      for_zone text, from_time timestamptz, to_time timestamptz, as_of timestamptz default now(),
      for_signal text default 'average', for_basis text default 'lifecycle'
    ) returns table (
      "time" timestamptz, started_at timestamptz, node text, container_id text, namespace text, pod text, container text,
      joules double precision, watts double precision, g_per_kwh double precision, grams double precision, flags smallint
    )
    language sql stable
    begin atomic
      with beginning as (
        select least(from_time, min(s.started_at)) as at from co2_samples s
        where s.time > from_time and s.time <= to_time
      ),
      piece as (
        select i.valid_from, i.g_per_kwh,
          extract(epoch from i.valid_from - b.at)::double precision as from_second,
          extract(epoch from i.valid_to - b.at)::double precision as to_second
        from beginning b cross join co2_intensity(for_zone, b.at, to_time, as_of, for_signal, for_basis) i
      ),
      summed as (
        select p.*,
          sum(p.to_second - p.from_second) over before as known_seconds,
          sum((p.to_second - p.from_second) * p.g_per_kwh) over before as gram_seconds
        from piece p
        window before as (order by p.valid_from rows between unbounded preceding and 1 preceding)
      ),
      -- The pieces as arrays, in which a time is found by halving.
      timeline as materialized (
        select (select at from beginning) as beginning,
          coalesce(array_agg(s.from_second order by s.from_second), '{}') as from_seconds,
          array_agg(s.to_second order by s.from_second) as to_seconds,
          array_agg(s.g_per_kwh order by s.from_second) as intensities,
          array_agg(coalesce(s.known_seconds, 0) order by s.from_second) as known_seconds,
          array_agg(coalesce(s.gram_seconds, 0) order by s.from_second) as gram_seconds
        from summed s
      )
      select s.time, s.started_at, s.node, s.container_id, s.namespace, s.pod, s.container, s.joules, s.watts,
        mean.intensity, s.joules / 3600000 * mean.intensity, s.flags
      from timeline t
      cross join co2_samples s
      cross join lateral (
        select extract(epoch from s.started_at - t.beginning)::double precision as from_second,
          extract(epoch from s.time - t.beginning)::double precision as to_second
      ) span
      cross join lateral (
        select width_bucket(span.from_second, t.from_seconds) as first, width_bucket(span.to_second, t.from_seconds) as last
      ) place
      cross join lateral (
        select case
          when span.to_second <= t.to_seconds[place.first] then t.intensities[place.first]
          when sums.known_seconds >= (span.to_second - span.from_second) * (1 - 1e-9)
            then sums.gram_seconds / (span.to_second - span.from_second)
        end as intensity
        from (
          select
            t.known_seconds[place.last] + least(span.to_second, t.to_seconds[place.last]) - t.from_seconds[place.last]
              - t.known_seconds[place.first] - least(span.from_second, t.to_seconds[place.first]) + t.from_seconds[place.first]
              as known_seconds,
            t.gram_seconds[place.last]
              + (least(span.to_second, t.to_seconds[place.last]) - t.from_seconds[place.last]) * t.intensities[place.last]
              - t.gram_seconds[place.first]
              - (least(span.from_second, t.to_seconds[place.first]) - t.from_seconds[place.first]) * t.intensities[place.first]
              as gram_seconds
        ) sums
      ) mean
      where s.time > from_time and s.time <= to_time;
    end
  $function$;
end
$migration$;
