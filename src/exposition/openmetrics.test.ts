/**
 * OpenMetrics, case by case.
 *
 * Sources: OpenMetrics 1.0 (OpenObservability/OpenMetrics at 0762bd778b8e, specification/OpenMetrics.md), and inputs
 * and expected figures of Prometheus' own parser tests (prometheus/prometheus at 0496658f32b4,
 * model/textparse/openmetricsparse_test.go). Both refuse a whole body for one bad line; here the line is left out,
 * reported, and reading goes on. Other differences are named where they are tested.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Entry, everythingIn } from './everything-in.ts'

function entriesIn(...lines: readonly string[]): readonly Entry[] {
  const { entries, outcome } = everythingIn(`${lines.join('\n')}\n# EOF\n`, 'openmetrics')
  assert.deepEqual(outcome.badLines, { count: 0, first: [] })
  assert.equal(outcome.ending, 'complete')
  return entries
}

/** What is said of the one bad line in a body; the good line behind it must still be read. */
function complaintAbout(line: string): string {
  const { entries, outcome } = everythingIn(`${line}\nbehind 1\n# EOF\n`, 'openmetrics')
  assert.deepEqual(entries, [{ name: 'behind', labels: {}, value: 1 }])
  assert.equal(outcome.badLines.count, 1)
  return outcome.badLines.first[0]?.reason ?? ''
}

const endingOf = (body: string) => everythingIn(body, 'openmetrics').outcome.ending

type Optional = Omit<Extract<Entry, { name: string }>, 'name' | 'labels' | 'value'>
const sample = (
  name: string,
  labels: Record<string, string>,
  value: number,
  optional: Optional = {},
): Entry => ({
  name,
  labels,
  value,
  ...optional,
})
const exemplar = (labels: readonly (readonly [string, string])[], value: number, timestampMs?: number) => ({
  exemplar: { labels, value, timestampMs },
})

describe('a body in OpenMetrics', () => {
  it('is what Prometheus reads in its own example of everything', () => {
    assert.deepEqual(
      entriesIn(
        '# HELP go_gc_duration_seconds A summary of the GC invocation durations.',
        '# TYPE go_gc_duration_seconds summary',
        '# UNIT go_gc_duration_seconds seconds',
        'go_gc_duration_seconds{quantile="0"} 4.9351e-05',
        'go_gc_duration_seconds{quantile="0.25"} 7.424100000000001e-05',
        'go_gc_duration_seconds{quantile="0.5",a="b"} 8.3835e-05',
        '# HELP nohelp1 ',
        '# HELP help2 escape \\ \\n \\\\ \\" \\x chars',
        '# UNIT nounit ',
        'go_gc_duration_seconds_count 99',
        'some:aggregate:rate5m{a_b="c"} 1',
        '# TYPE go_goroutines gauge',
        'go_goroutines 33 123.123',
        '# TYPE hhh histogram',
        'hhh_bucket{le="+Inf"} 1 # {id="histogram-bucket-test"} 4',
        'hhh_count 1 # {id="histogram-count-test"} 4',
        '# TYPE ggh gaugehistogram',
        'ggh_bucket{le="+Inf"} 1 # {id="gaugehistogram-bucket-test",xx="yy"} 4 123.123',
        '# TYPE smr_seconds summary',
        'smr_seconds_sum 42.0 # {id="summary-sum-test"} 1 123.321',
        '# TYPE ii info',
        'ii{foo="bar"} 1',
        '# TYPE ss stateset',
        'ss{ss="foo"} 1',
        '# TYPE un unknown',
        '_metric_starting_with_underscore 1',
        'testmetric{_label_starting_with_underscore="foo"} 1',
        'testmetric{label="\\"bar\\""} 1',
        '# TYPE foo counter',
        'foo_total 17.0 1520879607.789 # {id="counter-test"} 5',
        'foo_created{a="b"} 1520872607.123',
        '# HELP metric foo\x00bar',
        'null_byte_metric{a="abc\x00"} 1',
      ),
      [
        { help: 'A summary of the GC invocation durations.', of: 'go_gc_duration_seconds' },
        { type: 'summary', of: 'go_gc_duration_seconds' },
        { unit: 'seconds', of: 'go_gc_duration_seconds' },
        sample('go_gc_duration_seconds', { quantile: '0' }, 4.9351e-5),
        sample('go_gc_duration_seconds', { quantile: '0.25' }, 7.424100000000001e-5),
        sample('go_gc_duration_seconds', { quantile: '0.5', a: 'b' }, 8.3835e-5),
        { help: '', of: 'nohelp1' },
        { help: 'escape \\ \n \\ " \\x chars', of: 'help2' },
        { unit: '', of: 'nounit' },
        sample('go_gc_duration_seconds_count', {}, 99),
        sample('some:aggregate:rate5m', { a_b: 'c' }, 1),
        { type: 'gauge', of: 'go_goroutines' },
        sample('go_goroutines', {}, 33, { timestampMs: 123_123 }),
        { type: 'histogram', of: 'hhh' },
        sample('hhh_bucket', { le: '+Inf' }, 1, exemplar([['id', 'histogram-bucket-test']], 4)),
        sample('hhh_count', {}, 1, exemplar([['id', 'histogram-count-test']], 4)),
        { type: 'gaugehistogram', of: 'ggh' },
        sample(
          'ggh_bucket',
          { le: '+Inf' },
          1,
          exemplar(
            [
              ['id', 'gaugehistogram-bucket-test'],
              ['xx', 'yy'],
            ],
            4,
            123_123,
          ),
        ),
        { type: 'summary', of: 'smr_seconds' },
        sample('smr_seconds_sum', {}, 42, exemplar([['id', 'summary-sum-test']], 1, 123_321)),
        { type: 'info', of: 'ii' },
        sample('ii', { foo: 'bar' }, 1),
        { type: 'stateset', of: 'ss' },
        sample('ss', { ss: 'foo' }, 1),
        { type: 'unknown', of: 'un' },
        sample('_metric_starting_with_underscore', {}, 1),
        sample('testmetric', { _label_starting_with_underscore: 'foo' }, 1),
        sample('testmetric', { label: '"bar"' }, 1),
        { type: 'counter', of: 'foo' },
        sample('foo_total', {}, 17, { timestampMs: 1520879607789, ...exemplar([['id', 'counter-test']], 5) }),
        sample('foo_created', { a: 'b' }, 1520872607.123),
        { help: 'foo\x00bar', of: 'metric' },
        sample('null_byte_metric', { a: 'abc\x00' }, 1),
      ],
    )
  })

  it('may quote names, which then hold any text', () => {
    assert.deepEqual(
      entriesIn(
        '# HELP "go.gc_duration_seconds" A summary of the GC invocation durations.',
        '# UNIT "go.gc_duration_seconds" seconds',
        '{"go.gc_duration_seconds",quantile="0"} 4.9351e-05',
        '{"go.gc_duration_seconds_created"} 1520872607.123',
        '{q="0.9","http.status",a="b"} 8.3835e-05',
        'quotedexemplar_count 1 # {"id.thing"="histogram-count-test",other="hello"} 4',
      ),
      [
        { help: 'A summary of the GC invocation durations.', of: 'go.gc_duration_seconds' },
        { unit: 'seconds', of: 'go.gc_duration_seconds' },
        sample('go.gc_duration_seconds', { quantile: '0' }, 4.9351e-5),
        sample('go.gc_duration_seconds_created', {}, 1520872607.123),
        sample('http.status', { q: '0.9', a: 'b' }, 8.3835e-5),
        sample(
          'quotedexemplar_count',
          {},
          1,
          exemplar(
            [
              ['id.thing', 'histogram-count-test'],
              ['other', 'hello'],
            ],
            4,
          ),
        ),
      ],
    )
  })

  it('may close its labels behind a comma, as Prometheus allows and the specification does not', () => {
    assert.deepEqual(entriesIn('a{b="c",} 1 # {d="e",} 2', 'a{} 1 # {} 2'), [
      sample('a', { b: 'c' }, 1, exemplar([['d', 'e']], 2)),
      sample('a', {}, 1, exemplar([], 2)),
    ])
  })

  it('rounds its timestamps to milliseconds', () => {
    assert.deepEqual(entriesIn('a 1 1604676851.123456789', 'a 1 -0.0004', 'a 1 1e3', 'a 1 0.0016'), [
      sample('a', {}, 1, { timestampMs: 1604676851123 }),
      sample('a', {}, 1, { timestampMs: -0 }),
      sample('a', {}, 1, { timestampMs: 1_000_000 }),
      sample('a', {}, 1, { timestampMs: 2 }),
    ])
  })

  it('is complete with "# EOF" as its last line, with or without a line feed', () => {
    assert.equal(endingOf('# EOF'), 'complete')
    assert.equal(endingOf('# EOF\n'), 'complete')
    assert.equal(endingOf('a 1\n# EOF'), 'complete')
  })

  it('is cut off without it', () => {
    for (const body of [
      '',
      'metric 1',
      'metric 1\n',
      'metric_total 1 # {aa="bb"} 4',
      '#EOF\n',
      ' # EOF\n',
      '# EOF \n',
      '# EOFa 1',
      '# EOF\r\n',
    ]) {
      assert.equal(endingOf(body), 'missing-eof', body)
    }
  })

  it('is not read beyond it', () => {
    for (const body of ['a 1\n# EOF\nb 1', 'a 1\n# EOF\n\n', 'a 1\n# EOF\n# EOF\n']) {
      const { entries, outcome } = everythingIn(body, 'openmetrics')
      assert.deepEqual(entries, [sample('a', {}, 1)])
      assert.deepEqual(outcome, { samples: 1, badLines: { count: 0, first: [] }, ending: 'text-after-eof' })
    }
  })
})

describe('a bad line in OpenMetrics', () => {
  it('is blank, or begins with a blank or anything but a name', () => {
    assert.equal(complaintAbout(''), 'expected a metric name, found the end of the line')
    assert.equal(complaintAbout(' a 1'), 'expected a metric name, found a space')
    assert.equal(complaintAbout('9'), "expected a metric name, found '9'")
    assert.equal(complaintAbout('\ufeffa 1'), 'expected a metric name, found byte 0xef')
    assert.equal(complaintAbout('{b="c",} 1'), 'expected a metric name, found only labels')
  })

  it('is a comment, which OpenMetrics does not have', () => {
    const keywords = 'expected HELP, TYPE, UNIT or EOF after "# "'
    assert.equal(complaintAbout('#'), 'expected "# " and HELP, TYPE, UNIT or EOF')
    assert.equal(complaintAbout('#EOF'), 'expected "# " and HELP, TYPE, UNIT or EOF')
    assert.equal(complaintAbout('#\tTYPE c counter'), 'expected "# " and HELP, TYPE, UNIT or EOF')
    assert.equal(complaintAbout('# H'), keywords)
    assert.equal(complaintAbout('# EOFa 1'), keywords)
    assert.equal(complaintAbout('#  TYPE c counter'), keywords)
    assert.equal(complaintAbout('# HELP'), keywords)
  })

  it('declares without a name, a text, a known type, or a unit that the name ends in', () => {
    const types = 'counter, gauge, histogram, gaugehistogram, stateset, info, summary, unknown'
    assert.equal(complaintAbout('# TYPE u untyped'), `expected one of ${types} after TYPE u`)
    assert.equal(complaintAbout('# TYPE c counter '), `expected one of ${types} after TYPE c`)
    assert.equal(complaintAbout('# TYPE c  counter'), `expected one of ${types} after TYPE c`)
    for (const keyword of ['TYPE', 'UNIT', 'HELP']) {
      assert.equal(complaintAbout(`# ${keyword} `), `expected a metric name after ${keyword}`)
      assert.equal(
        complaintAbout(`# ${keyword} m`),
        `expected a space and a text after the name in ${keyword}`,
      )
    }
    assert.equal(complaintAbout('# UNIT metric suffix'), 'the unit suffix is no suffix of metric')
    assert.equal(complaintAbout('# UNIT metricsuffix suffix'), 'the unit suffix is no suffix of metricsuffix')
    assert.equal(complaintAbout('# UNIT suffix suffix'), 'the unit suffix is no suffix of suffix')
    assert.equal(complaintAbout('# HELP a \xff'), 'the line is not UTF-8')
  })

  it('has another blank than one space between its parts', () => {
    assert.equal(complaintAbout('a\t1'), 'expected a space and a number, found byte 0x09')
    assert.equal(complaintAbout('a  1'), 'expected a number, found a space')
    assert.equal(complaintAbout('a{b="c"}1'), "expected a space and a number, found '1'")
    assert.equal(complaintAbout('a {b="c"} 1'), "expected a number, found '{'")
    assert.equal(complaintAbout('a{b="c", d="e"} 1'), 'expected a label name or "}", found a space')
    assert.equal(complaintAbout('a{b ="c"} 1'), 'expected "=", found a space')
    assert.equal(complaintAbout('a{b= "c"} 1'), 'expected a quoted label value, found a space')
    assert.equal(complaintAbout('a{b="c" } 1'), 'expected "," or "}", found a space')
    assert.equal(complaintAbout('a 1\t2'), 'expected the end of the line, found byte 0x09')
    assert.equal(complaintAbout('a 1 '), 'expected a timestamp in seconds, found the end of the line')
    assert.equal(complaintAbout('a 1 2 '), 'expected the end of the line, found a space')
  })

  it('has a carriage return at its end', () => {
    assert.equal(complaintAbout('a 1\r'), 'expected the end of the line, found byte 0x0d')
    assert.equal(complaintAbout('# HELP a b\r'), 'OpenMetrics lines end in a line feed alone')
  })

  it('lacks a value or a timestamp, or has one that is no number', () => {
    assert.equal(complaintAbout('metric'), 'expected a space and a number, found the end of the line')
    assert.equal(complaintAbout('a true'), "expected a number, found 't'")
    assert.equal(complaintAbout('foo 1_2'), "expected a number, found '1'")
    assert.equal(complaintAbout('foo 0x1p-3'), "expected a number, found '0'")
    for (const timestamp of ['1z', '1_2', 'NaN', '-Inf', 'Inf']) {
      assert.match(complaintAbout(`a 1 ${timestamp}`), /^expected a timestamp in seconds, found/)
    }
    assert.equal(complaintAbout('a 1 1 1'), 'expected the end of the line, found a space')
    assert.equal(complaintAbout('a 1 2 #'), 'expected an exemplar, " # {", found the end of the line')
  })

  it('has labels that are not of the form name="value"', () => {
    assert.equal(complaintAbout("a{b='c'} 1"), "expected a quoted label value, found '''")
    assert.equal(complaintAbout('a{,b="c"} 1'), `expected a label name or "}", found ','`)
    assert.equal(complaintAbout('a{b="c"d="e"} 1'), `expected "," or "}", found 'd'`)
    assert.equal(complaintAbout('a{b="c",,d="e"} 1'), `expected a label name or "}", found ','`)
    assert.equal(complaintAbout('a{b="\xff"} 1'), 'what is quoted is not UTF-8')
    assert.equal(complaintAbout('{"a","b = "c"}'), `expected "=", found 'c'`)
    assert.equal(
      complaintAbout('something_weird{problem="'),
      'expected a closing quote, found the end of the line',
    )
    assert.equal(complaintAbout('empty_label_name{=""} 0'), `expected a label name or "}", found '='`)
  })

  it('has an exemplar that is not of the form # {labels} value timestamp', () => {
    const complaints = {
      '{aa=bb}': "expected a quoted label value, found 'b'",
      '{aa="bb"}': 'expected a space and a number, found the end of the line',
      '{bb}': `expected "=", found '}'`,
      '{bb, a="dd"}': `expected "=", found ','`,
      '{"bb"} 1': `expected "=", found '}'`,
      '{aa="bb",,cc="dd"} 1': `expected a label name or "}", found ','`,
      '{aa="bb",aa="dd"} 1': 'the label name is given twice',
      '{aa="bb"} 1_2': "expected a number, found '1'",
      '{aa="bb"} 0x1p-3': "expected a number, found '0'",
      '{aa="bb"} true': "expected a number, found 't'",
      '{aa="bb",cc=}': "expected a quoted label value, found '}'",
      '{aa=\\"\xff\\"} 9.0': "expected a quoted label value, found '\\'",
      '{aa="bb"} 4 NaN': "expected a timestamp in seconds, found 'N'",
      '{aa="bb"} 4 -Inf': "expected a timestamp in seconds, found '-'",
      '{aa="bb"} 4 5 6': 'expected the end of the line, found a space',
      'aa="bb"} 4': `expected an exemplar, " # {", found 'a'`,
      '{b=\x00"ssss"} 1': 'expected a quoted label value, found byte 0x00',
    }
    for (const [written, complaint] of Object.entries(complaints)) {
      assert.equal(complaintAbout(`custom_metric_total{aa="x"} 1 # ${written}`), complaint, written)
    }
  })
})
