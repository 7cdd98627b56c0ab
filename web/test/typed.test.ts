import { beforeEach, expect, it } from 'vitest'
import { effectScope } from 'vue'
import { forget, unsent } from '../src/keep'
import { asSent, useTyped } from '../src/typed'

const empty = () => ({ text: '', choice: undefined as boolean | undefined, notes: {} as Record<string, string> })
const open = (name: string) => effectScope().run(() => useTyped(name, empty))!
beforeEach(() => localStorage.clear())

it('is there again after a reload, for this form alone', () => {
  const one = open('comment.K-1')
  one.typed.text = '等回话'
  one.typed.notes['T-1'] = '查过了'
  expect(open('comment.K-1').typed).toEqual({ text: '等回话', choice: undefined, notes: { 'T-1': '查过了' } })
  expect(open('comment.K-2').typed.text).toBe('')
  expect(unsent()).toBe(true)
})

it.each([
  ['sent', (one: ReturnType<typeof open>) => one.clear()],
  ['emptied', (one: ReturnType<typeof open>) => ((one.typed.text = ''), (one.typed.notes['T-1'] = ''), (one.typed.choice = undefined))],
])('%s, nothing of it is kept', (_, done) => {
  const one = open('x')
  one.typed.text = '字'
  one.typed.choice = false
  done(one)
  expect(localStorage.length).toBe(0)
  expect(unsent()).toBe(false)
})

it('a no is something said', () => {
  open('call').typed.choice = false
  expect(open('call').typed.choice).toBe(false)
})

it('goes at sign-out', () => {
  open('x').typed.text = '字'
  forget()
  expect(open('x').typed.text).toBe('')
})

it('what is typed on while it is being sent can be told from what was sent', () => {
  const { typed } = open('x')
  typed.text = '字'
  const same = asSent(() => typed)
  expect(same()).toBe(true)
  typed.text = '字又'
  expect(same()).toBe(false)
})
