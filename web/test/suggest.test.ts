import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { PAUSE, pieces, useSuggestions, type Suggestion } from '../src/log/suggest'

const answer = (text: string) => ({ text, causes: [], masked: [], triggers: [] }) as unknown as Suggestion

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('evidence is counted in code points and overlaps are joined', () => {
  const found = pieces('😀没到没到', [
    [1, 3],
    [2, 4],
  ])
  expect(found).toEqual([
    { text: '😀', marked: false },
    { text: '没到没', marked: true },
    { text: '到', marked: false },
  ])
})

test('asked once after a pause', async () => {
  const asked: string[] = []
  const { typed, found } = useSuggestions(async (text) => (asked.push(text), answer(text)))
  typed('快递')
  await vi.advanceTimersByTimeAsync(PAUSE - 1)
  typed('快递没到')
  await vi.advanceTimersByTimeAsync(PAUSE)
  expect(asked).toEqual(['快递没到'])
  expect(found.value?.text).toBe('快递没到')
})

test('an answer that comes late does not replace a newer one', async () => {
  const waits: ((value: Suggestion) => void)[] = []
  const { typed, found } = useSuggestions(() => new Promise((resolve) => waits.push(resolve)))
  typed('第一次')
  await vi.advanceTimersByTimeAsync(PAUSE)
  typed('第二次')
  await vi.advanceTimersByTimeAsync(PAUSE)
  waits[1]!(answer('第二次'))
  waits[0]!(answer('第一次'))
  await vi.advanceTimersByTimeAsync(0)
  expect(found.value?.text).toBe('第二次')
})
