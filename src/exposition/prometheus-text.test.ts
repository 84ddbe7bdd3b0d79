/**
 * The Prometheus text format, case by case.
 *
 * Sources: "Exposition formats" (prometheus/docs at 005490b8f7f8, content/docs/instrumenting/exposition_formats.md);
 * inputs and expected figures of Prometheus' own parser tests (prometheus/prometheus at 03bdf8950673,
 * model/textparse/promparse_test.go) and of its client library (prometheus/common at 06f751e981c7,
 * expfmt/text_parse_test.go). Prometheus refuses a whole scrape for one bad line; here the line is left out,
 * reported, and reading goes on. Other differences are named where they are tested.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { bytesOf, type Entry, everythingIn } from './everything-in.ts'

function entriesIn(text: string): readonly Entry[] {
  const { entries, outcome } = everythingIn(text, 'prometheus-text')
  assert.deepEqual(outcome.badLines, { count: 0, first: [] })
  return entries
}

/** What is said of the one bad line in a text; the good line behind it must still be read. */
function complaintAbout(text: string): string {
  const { entries, outcome } = everythingIn(`${text}\nbehind 1\n`, 'prometheus-text')
  assert.deepEqual(entries, [{ name: 'behind', labels: {}, value: 1 }])
  assert.equal(outcome.badLines.count, 1)
  const [badLine] = outcome.badLines.first
  assert.equal(badLine?.at, 0)
  return badLine?.reason ?? ''
}

const sample = (name: string, labels: Record<string, string>, value: number, timestampMs?: number): Entry =>
  timestampMs === undefined ? { name, labels, value } : { name, labels, value, timestampMs }

describe('a body in the Prometheus text format', () => {
  it('is what Prometheus reads in its own example of everything', () => {
    const { entries, heads, outcome } = everythingIn(
      [
        '# HELP go_gc_duration_seconds A summary of the GC invocation durations.',
        '# \tTYPE go_gc_duration_seconds summary',
        'go_gc_duration_seconds{quantile="0"} 4.9351e-05',
        'go_gc_duration_seconds{quantile="0.25",} 7.424100000000001e-05',
        'go_gc_duration_seconds{quantile="0.5",a="b"} 8.3835e-05',
        'go_gc_duration_seconds{quantile="0.8", a="b"} 8.3835e-05',
        'go_gc_duration_seconds{ quantile="0.9", a="b"} 8.3835e-05',
        '# Hrandom comment starting with prefix of HELP',
        '#',
        'wind_speed{A="2",c="3"} 12345',
        '# comment with escaped \\n newline',
        '# comment with escaped \\ escape character',
        '# HELP nohelp1',
        '# HELP nohelp2 ',
        'go_gc_duration_seconds{ quantile="1.0", a="b" } 8.3835e-05',
        'go_gc_duration_seconds { quantile="1.0", a="b" } 8.3835e-05',
        'go_gc_duration_seconds { quantile= "1.0", a= "b", } 8.3835e-05',
        'go_gc_duration_seconds { quantile = "1.0", a = "b" } 8.3835e-05',
        'go_gc_duration_seconds { quantile = "2.0" a = "b" } 8.3835e-05',
        'go_gc_duration_seconds_count 99',
        'some:aggregate:rate5m{a_b="c"}\t1',
        '# HELP go_goroutines Number of goroutines that currently exist.',
        '# TYPE go_goroutines gauge',
        'go_goroutines 33  \t123123',
        '_metric_starting_with_underscore 1',
        'testmetric{_label_starting_with_underscore="foo"} 1',
        'testmetric{label="\\"bar\\""} 1',
        '# HELP metric foo\x00bar',
        'null_byte_metric{a="abc\x00"} 1',
      ].join('\n'),
      'prometheus-text',
    )
    const duration = (quantile: string, others: Record<string, string> = { a: 'b' }, value = 8.3835e-5) =>
      sample('go_gc_duration_seconds', { quantile, ...others }, value)
    assert.deepEqual(entries, [
      { help: 'A summary of the GC invocation durations.', of: 'go_gc_duration_seconds' },
      { type: 'summary', of: 'go_gc_duration_seconds' },
      duration('0', {}, 4.9351e-5),
      duration('0.25', {}, 7.424100000000001e-5),
      duration('0.5'),
      duration('0.8'),
      duration('0.9'),
      sample('wind_speed', { A: '2', c: '3' }, 12345),
      { help: '', of: 'nohelp1' },
      { help: '', of: 'nohelp2' },
      duration('1.0'),
      duration('1.0'),
      duration('1.0'),
      duration('1.0'),
      duration('2.0'),
      sample('go_gc_duration_seconds_count', {}, 99),
      sample('some:aggregate:rate5m', { a_b: 'c' }, 1),
      { help: 'Number of goroutines that currently exist.', of: 'go_goroutines' },
      { type: 'gauge', of: 'go_goroutines' },
      sample('go_goroutines', {}, 33, 123123),
      sample('_metric_starting_with_underscore', {}, 1),
      sample('testmetric', { _label_starting_with_underscore: 'foo' }, 1),
      sample('testmetric', { label: '"bar"' }, 1),
      { help: 'foo\x00bar', of: 'metric' },
      sample('null_byte_metric', { a: 'abc\x00' }, 1),
    ])
    assert.deepEqual(outcome, { samples: 18, badLines: { count: 0, first: [] }, ending: 'no-final-newline' })
    assert.equal(heads[1], 'go_gc_duration_seconds{quantile="0.25",}')
    assert.equal(heads[10], 'go_gc_duration_seconds { quantile = "2.0" a = "b" }')
    assert.equal(heads[13], 'go_goroutines')
  })

  it('holds what its specification shows', () => {
    assert.deepEqual(
      entriesIn(
        [
          'http_requests_total{method="post",code="400"}    3 1395066363000',
          'msdos_file_access_time_seconds{path="C:\\\\DIR\\\\FILE.TXT",error="Cannot find file:\\n\\"FILE.TXT\\""} 1.458255915e9',
          'metric_without_timestamp_and_labels 12.47',
          'something_weird{problem="division by zero"} +Inf -3982045',
          'http_request_duration_seconds_bucket{le="+Inf"} 144320',
          '',
        ].join('\n'),
      ),
      [
        sample('http_requests_total', { method: 'post', code: '400' }, 3, 1395066363000),
        sample(
          'msdos_file_access_time_seconds',
          { path: 'C:\\DIR\\FILE.TXT', error: 'Cannot find file:\n"FILE.TXT"' },
          1458255915,
        ),
        sample('metric_without_timestamp_and_labels', {}, 12.47),
        sample('something_weird', { problem: 'division by zero' }, Infinity, -3982045),
        sample('http_request_duration_seconds_bucket', { le: '+Inf' }, 144320),
      ],
    )
  })

  it('may space its tokens as it likes, or not at all', () => {
    assert.deepEqual(
      entriesIn(
        [
          '',
          ' \t ',
          '# A normal comment.',
          '#',
          '# TYPE name counter',
          'name{labelname="val1",basename="basevalue"} NaN',
          'name {labelname="val2",basename="base\\"v\\\\al\\nue"} 0.23 1234567890',
          '# HELP name two-line\\n doc  str\\\\ing',
          ' # HELP  name2  \tdoc str"ing 2',
          '  #    TYPE    name2 gauge',
          'name2{labelname="val2"\t,basename   =   "basevalue2"\t\t} +Inf 54321',
          'name2{ labelname = "val1" , }-Inf',
          '  my_summary{n1="val1",quantile="-12.34",} 08 15 \t',
          'no_labels{} 3',
          'merged-3e3',
          '# TYPE padded counter \t ',
          '',
        ].join('\n'),
      ),
      [
        { type: 'counter', of: 'name' },
        sample('name', { labelname: 'val1', basename: 'basevalue' }, Number.NaN),
        sample('name', { labelname: 'val2', basename: 'base"v\\al\nue' }, 0.23, 1234567890),
        { help: 'two-line\n doc  str\\ing', of: 'name' },
        { help: 'doc str"ing 2', of: 'name2' },
        { type: 'gauge', of: 'name2' },
        sample('name2', { labelname: 'val2', basename: 'basevalue2' }, Infinity, 54321),
        sample('name2', { labelname: 'val1' }, -Infinity),
        sample('my_summary', { n1: 'val1', quantile: '-12.34' }, 8, 15),
        sample('no_labels', {}, 3),
        sample('merged', {}, -3000),
        { type: 'counter', of: 'padded' },
      ],
    )
  })

  it('may quote names, which then hold any text', () => {
    const strange = 'Heizölrückstoßabdämpfung 10€ metric with "interesting" {character\nchoices}'
    assert.deepEqual(
      entriesIn(
        [
          '# HELP "go.gc_duration_seconds" A summary of the GC invocation durations.',
          '# \tTYPE "go.gc_duration_seconds" summary',
          '{"go.gc_duration_seconds",quantile="0"} 4.9351e-05',
          '{"go.gc_duration_seconds",quantile="0.25",} 7.424100000000001e-05',
          '{ "go.gc_duration_seconds", quantile = "1.0", a = "b" } 8.3835e-05',
          '{"go.gc_duration_seconds_count"} 99',
          '{labelname="value", "my.noncompliant.metric"} 1',
          '{"Heizölrückstoßabdämpfung 10€ metric with \\"interesting\\" {character\\nchoices}","strange©™\\n\'quoted\' \\"name\\""="6"} 10.0',
          'bare{"quoted.label"="佖佥"} 3.14e+42',
          '# HELP "my\\"noncompliant\\nmetric\\\\" help text',
          '',
        ].join('\n'),
      ),
      [
        { help: 'A summary of the GC invocation durations.', of: 'go.gc_duration_seconds' },
        { type: 'summary', of: 'go.gc_duration_seconds' },
        sample('go.gc_duration_seconds', { quantile: '0' }, 4.9351e-5),
        sample('go.gc_duration_seconds', { quantile: '0.25' }, 7.424100000000001e-5),
        sample('go.gc_duration_seconds', { quantile: '1.0', a: 'b' }, 8.3835e-5),
        sample('go.gc_duration_seconds_count', {}, 99),
        sample('my.noncompliant.metric', { labelname: 'value' }, 1),
        sample(strange, { 'strange©™\n\'quoted\' "name"': '6' }, 10),
        sample('bare', { 'quoted.label': '佖佥' }, 3.14e42),
        { help: 'help text', of: 'my"noncompliant\nmetric\\' },
      ],
    )
  })

  it('keeps a backslash that escapes nothing, and a quote in a help text as written', () => {
    assert.deepEqual(entriesIn('# HELP a \\x \\" \\\\n\na{b="\\x\\y\\\\n"} 1\n'), [
      { help: '\\x \\" \\n', of: 'a' },
      sample('a', { b: '\\x\\y\\n' }, 1),
    ])
  })

  it('may have null bytes in label values', () => {
    assert.deepEqual(entriesIn('a{b="\x00ss"} 1\na{b="\x00"} 1\n'), [
      sample('a', { b: '\x00ss' }, 1),
      sample('a', { b: '\x00' }, 1),
    ])
  })

  it('may be empty, or hold only blank lines and comments', () => {
    for (const text of [
      '',
      '\n\n',
      '\n# some\n# funny comments\n# HELP\n# HELPless\n#HELP a b\n# EOF\n# UNIT a b\n',
    ]) {
      assert.deepEqual(everythingIn(text, 'prometheus-text'), {
        entries: [],
        heads: [],
        outcome: { samples: 0, badLines: { count: 0, first: [] }, ending: 'complete' },
      })
    }
  })

  it('may end its lines with CR LF and begin with a byte order mark, which Prometheus refuses', () => {
    assert.deepEqual(
      entriesIn('\ufeff# TYPE a counter\r\n\r\na 1\r\na{b="c"} 2 3\r\n# HELP a b\r\n# HELP a\r\n'),
      [
        { type: 'counter', of: 'a' },
        sample('a', {}, 1),
        sample('a', { b: 'c' }, 2, 3),
        { help: 'b', of: 'a' },
        { help: '', of: 'a' },
      ],
    )
  })

  it('hands over the last line without a line feed, and says that there was none', () => {
    for (const text of ['a 1', 'a 1 2', 'a{b="c"} 1', 'a 1 ', 'a 1\r']) {
      const { entries, outcome } = everythingIn(text, 'prometheus-text')
      assert.equal(entries.length, 1, text)
      assert.equal(outcome.ending, 'no-final-newline')
    }
  })
})

describe('a bad line in the Prometheus text format', () => {
  it('lacks a value, or has one that is no number', () => {
    assert.equal(complaintAbout('a'), 'expected a number, found the end of the line')
    assert.equal(complaintAbout('a true'), "expected a number, found 't'")
    assert.equal(complaintAbout('foo 1_2'), "expected a number, found '1'")
    assert.equal(complaintAbout('foo 0x1p-3'), "expected a number, found '0'")
    assert.equal(complaintAbout('foo 0x1P-3'), "expected a number, found '0'")
    assert.equal(complaintAbout('a\x00{b="ddd"} 1'), 'expected a number, found byte 0x00')
    assert.equal(complaintAbout('{"a"}'), 'expected a number, found the end of the line')
    assert.equal(complaintAbout('a 1e999'), 'the number is beyond what a 64-bit float holds')
  })

  it('has something other than a timestamp behind the value, or something behind that', () => {
    const expected = 'expected a timestamp in whole milliseconds or the end of the line'
    assert.equal(complaintAbout('foo 0 1_2'), `${expected}, found '1'`)
    assert.equal(complaintAbout('a 0 1\x00'), `${expected}, found '1'`)
    assert.equal(complaintAbout('a 0 1.5'), `${expected}, found '1'`)
    assert.equal(complaintAbout('a 0 # {b="c"} 1'), `${expected}, found '#'`)
    assert.equal(complaintAbout('a 1 2 3'), "expected the end of the line, found '3'")
    assert.equal(complaintAbout('a 1\r2'), `${expected}, found byte 0x0d`)
  })

  it('has labels that are not of the form name="value"', () => {
    assert.equal(complaintAbout("a{b='c'} 1"), "expected a quoted label value, found '''")
    assert.equal(complaintAbout('a{b='), 'expected a quoted label value, found the end of the line')
    assert.equal(complaintAbout('a{b=\x00"ssss"} 1'), 'expected a quoted label value, found byte 0x00')
    assert.equal(
      complaintAbout('something_weird{problem="'),
      'expected a closing quote, found the end of the line',
    )
    assert.equal(complaintAbout('a{b="\x00'), 'expected a closing quote, found the end of the line')
    assert.equal(complaintAbout('a{b="c\\'), 'expected a closing quote, found the end of the line')
    assert.equal(complaintAbout('empty_label_name{=""} 0'), `expected a label name or "}", found '='`)
    assert.equal(complaintAbout('a{"\xff"="foo"} 1'), 'what is quoted is not UTF-8')
    assert.equal(complaintAbout('a{\xff="foo"} 1'), 'expected a label name or "}", found byte 0xff')
    assert.equal(complaintAbout('a{b\x00="hiih"}\t1'), 'expected "=", found byte 0x00')
    assert.equal(complaintAbout('{"a", "b = "c"}'), `expected "=", found 'c'`)
    assert.equal(complaintAbout('{"a",b\\nc="d"} 1'), `expected "=", found '\\'`)
    assert.equal(complaintAbout('a{b} 1'), `expected "=", found '}'`)
    assert.equal(complaintAbout('a{,b="c"} 1'), `expected a label name or "}", found ','`)
    assert.equal(complaintAbout('a{b="c",,d="e"} 1'), `expected a label name or "}", found ','`)
    assert.equal(complaintAbout('a{b="c"'), 'expected a label name or "}", found the end of the line')
    assert.equal(complaintAbout('a{0="c"} 1'), `expected a label name or "}", found '0'`)
    assert.equal(complaintAbout('a{""="c"} 1'), `expected a name between the quotes, found '"'`)
  })

  it('has a label value that is not UTF-8', () => {
    assert.equal(complaintAbout('a{b="\xff"} 1'), 'what is quoted is not UTF-8')
  })

  it('has a line feed in a label value, which Prometheus takes for part of it', () => {
    const { entries, outcome } = everythingIn('a{b="c\nd"} 1\n', 'prometheus-text')
    assert.deepEqual(entries, [])
    assert.equal(outcome.badLines.count, 2)
  })

  it('has no metric name, or two of them', () => {
    assert.equal(complaintAbout('{a="ok"} 1'), 'expected a metric name, found only labels')
    assert.equal(complaintAbout('{} 1'), 'expected a metric name, found only labels')
    assert.equal(complaintAbout('{""} 1'), `expected a name between the quotes, found '"'`)
    assert.equal(complaintAbout('a{"b"} 1'), 'the metric name is given twice')
    assert.equal(complaintAbout('{"a","b"} 1'), 'the metric name is given twice')
    assert.equal(complaintAbout('9 1'), "expected a metric name, found '9'")
    assert.equal(complaintAbout('<html>'), "expected a metric name, found '<'")
    assert.equal(complaintAbout('é 1'), 'expected a metric name, found byte 0xc3')
  })

  it('names a label twice, which Prometheus refuses when it stores the sample', () => {
    const many = Array.from({ length: 40 }, (_, index) => `l${index}="",`).join('')
    assert.equal(complaintAbout('a{b="1",b="1"} 1'), 'the label name is given twice')
    assert.equal(complaintAbout('a{b="1","b"="2"} 1'), 'the label name is given twice')
    assert.equal(complaintAbout('a{"\\."="1","\\\\."="2"} 1'), 'the label name is given twice')
    assert.equal(complaintAbout(`a{${many}l3=""} 1`), 'a label name is given twice')
    assert.equal(Object.keys(entriesIn(`a{${many}} 1\n`)[0] ?? {}).length, 3)
  })

  it('names a label twice, whatever the labels of the lines before', () => {
    const lines = [
      'm{b="",a="",c=""} 1',
      'm{c=""} 1',
      'm{c="",a="",c=""} 1',
      'm{b="",a="",a=""} 1',
      'm{"x y"=""} 1',
      'm{x y=""} 1',
    ]
    const { outcome } = everythingIn(`${lines.join('\n')}\n`, 'prometheus-text')
    assert.deepEqual(
      outcome.badLines.first.map(({ excerpt, reason }) => [excerpt, reason]),
      [
        ['m{c="",a="",c=""} 1', 'the label name is given twice'],
        ['m{b="",a="",a=""} 1', 'the label name is given twice'],
        ['m{x y=""} 1', `expected "=", found 'y'`],
      ],
    )
  })

  it('declares a metric without a name, or of a type that is none', () => {
    const types = 'counter, gauge, histogram, summary, untyped'
    assert.equal(complaintAbout('# TYPE #'), 'expected a metric name after TYPE')
    assert.equal(complaintAbout('# HELP #'), 'expected a metric name after HELP')
    assert.equal(complaintAbout('# HELP a{b="c"} d'), 'expected a metric name after HELP')
    assert.equal(complaintAbout('# HELP "a d'), 'expected a metric name after HELP')
    assert.equal(complaintAbout('# HELP "" d'), 'expected a metric name after HELP')
    assert.equal(complaintAbout('# TYPE a'), `expected one of ${types} after TYPE a`)
    assert.equal(complaintAbout('# TYPE a info'), `expected one of ${types} after TYPE a`)
    assert.equal(complaintAbout('# TYPE a Counter'), `expected one of ${types} after TYPE a`)
    assert.equal(complaintAbout('# HELP a \xff'), 'the line is not UTF-8')
  })

  it('is reported with its place and its first 80 characters, the first eight of them', () => {
    const bad = `a{b="${'é'.repeat(100)}"} x`
    const { outcome } = everythingIn(`# fine\n\n${`${bad}\na 1\n`.repeat(10)}`, 'prometheus-text')
    assert.equal(outcome.samples, 10)
    assert.equal(outcome.badLines.count, 10)
    assert.deepEqual(
      outcome.badLines.first.map(({ at }) => at),
      [0, 1, 2, 3, 4, 5, 6, 7].map((before) => 8 + before * (bytesOf(bad).length + '\na 1\n'.length)),
    )
    assert.deepEqual(outcome.badLines.first[0], {
      at: 8,
      reason: "expected a number, found 'x'",
      excerpt: `a{b="${'é'.repeat(75)}`,
    })
  })
})
