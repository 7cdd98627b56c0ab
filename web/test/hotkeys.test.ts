import { expect, test } from 'vitest'
import { handle, name } from '../src/hotkeys'

const press = (code: string, held: KeyboardEventInit = {}) => new KeyboardEvent('keydown', { code, cancelable: true, ...held })

test.each([
  [press('Digit1', { altKey: true }), 'Alt+Digit1'],
  [press('Enter', { ctrlKey: true }), 'Mod+Enter'],
  [press('NumpadEnter', { metaKey: true, shiftKey: true }), 'Mod+Shift+Enter'],
])('%s', (event, expected) => expect(name(event)).toBe(expected))

test('what an input method is composing is left to it', () => {
  let done = 0
  const keys = { 'Mod+Enter': () => void done++ }
  handle(keys, press('Enter', { ctrlKey: true, isComposing: true }))
  expect(done).toBe(0)
  const event = press('Enter', { ctrlKey: true })
  handle(keys, event)
  expect([done, event.defaultPrevented]).toEqual([1, true])
})

test('other keys keep their meaning', () => {
  const event = press('KeyA', { ctrlKey: true })
  handle({}, event)
  expect(event.defaultPrevented).toBe(false)
})
