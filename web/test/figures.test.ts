import { expect, test } from 'vitest'
import { count, ratio, share, UNKNOWN, yuan } from '../src/figures'
import { csv } from '../src/saving'

test.each([
  [yuan(123450), '¥1,234.50'],
  [yuan(-5), '−¥0.05'],
  [yuan(null), UNKNOWN],
  [count(12345), '12,345'],
  [count(undefined), UNKNOWN],
  [share(0.1234), '12.3%'],
  [share(0), '0.0%'],
  [ratio(0.8), '0.80'],
])('%s', (said, wanted) => expect(said).toBe(wanted))

test('a table for Excel', async () => {
  const bytes = new Uint8Array(await csv([['原因', '数'], ['=1+1', 3], ['说"慢", 很慢', null], ['-12.30', '-1+1']]).arrayBuffer())
  expect([...bytes.slice(0, 3)]).toEqual([0xef, 0xbb, 0xbf])
  const text = new TextDecoder().decode(bytes)
  expect(text.split('\r\n')).toEqual(['原因,数', "'=1+1,3", '"说""慢"", 很慢",', "-12.30,'-1+1", ''])
})
