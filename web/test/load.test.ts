import { expect, it } from 'vitest'
import { Refused } from '../src/api'
import { useDoing } from '../src/load'

const problem = { code: 'version', zh: '', en: '', where: '' }

it('is not tried again before what the refusal was about has been read', async () => {
  const { busy, run } = useDoing()
  let read!: () => void
  const reading = new Promise<void>((resolve) => (read = resolve))
  const first = run(() => Promise.reject(new Refused(409, problem)), () => reading)
  await Promise.resolve()
  expect(busy.value).toBe(true)
  expect(await run(async () => undefined)).toBe(false)
  read()
  expect(await first).toBe(false)
  expect(busy.value).toBe(false)
  expect(await run(async () => undefined)).toBe(true)
})
