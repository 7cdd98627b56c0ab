import { beforeEach, expect, test } from 'vitest'
import { nextTick } from 'vue'
import { arriving, draft, empty, fenOf, sentOff, startAnew } from '../src/log/draft'
import { kept } from '../src/keep'

beforeEach(() => {
  localStorage.clear()
  Object.assign(draft, empty('phone'))
})

test.each([
  ['12.5', 1250],
  ['12.50', 1250],
  ['０.０１', 1],
  ['7', 700],
  ['12.345', undefined],
  ['-1', undefined],
  ['1e3', undefined],
  ['一百', undefined],
])('%s yuan is %s fen', (yuan, fen) => expect(fenOf(yuan)).toBe(fen))

test('nothing is sent without words, nor with an amount that is none', () => {
  expect(arriving({ ...empty('phone'), text: '  ' }, 0)).toEqual({ problem: 'text' })
  expect(arriving({ ...empty('phone'), text: '没到', yuan: 'x' }, 0)).toEqual({ problem: 'yuan' })
})

test('what is left open is left to the service', () => {
  const { body } = arriving({ ...empty('chat'), text: '没到', began: 1_000 }, 61_400)
  expect(body).toMatchObject({ channel: 'chat', causes: [], seconds: 60, concession: 0 })
  expect(body).not.toHaveProperty('contact_kind')
  expect(body).not.toHaveProperty('severity')
})

test('a promise has its words and a time ahead', () => {
  const noon = Date.parse('2026-11-18T12:00:00+08:00')
  const base = { ...empty('phone'), text: '没到' }
  expect(arriving({ ...base, next: '回电' }, noon)).toEqual({ problem: 'due' })
  expect(arriving({ ...base, next: '回电', due: '2026-11-18T12:00' }, noon)).toEqual({ problem: 'due' })
  expect(arriving({ ...base, due: '2026-11-18T18:00' }, noon)).toEqual({ problem: 'next' })
  const { body } = arriving({ ...base, next: ' 回电 ', due: '2026-11-18T18:00' }, noon)
  expect(body).toMatchObject({ promise: { what: '回电', due: '2026-11-18T18:00' } })
  expect(arriving(base, noon).body).not.toHaveProperty('promise')
})

test('whose order it is counts only where no customer was filled in and nobody said no', () => {
  const base = { ...empty('phone'), text: '没到', order: 'DD-1' }
  expect(arriving(base, 0, 'C1').body).toMatchObject({ customer_of: 'C1' })
  expect(arriving({ ...base, customer: '138' }, 0, 'C1').body).not.toHaveProperty('customer_of')
  expect(arriving({ ...base, ofOrder: false }, 0, 'C1').body).not.toHaveProperty('customer_of')
})

test('a repeated attempt is the same contact, the next contact another one', () => {
  draft.text = '没到'
  const first = arriving(draft, 0).body!.external_id
  expect(arriving(draft, 9).body!.external_id).toBe(first)
  startAnew()
  expect(draft.id).not.toBe(first)
})

test('what is typed on while a contact is being saved is not lost, and is another contact', async () => {
  draft.text = '没到'
  const sent = { ...draft }
  draft.text = '没到，催了两次'
  expect(sentOff(sent)).toBe(false)
  expect(draft.text).toBe('没到，催了两次')
  expect(draft.id).not.toBe(sent.id)
  const then = { ...draft }
  await nextTick() // when it began is noted late
  expect(sentOff(then)).toBe(true)
  expect(draft.text).toBe('')
})

test('a contact that was begun while the one before was being saved is left alone', () => {
  const sent = { ...draft, text: '没到' }
  startAnew()
  draft.text = '退款'
  expect(sentOff(sent)).toBe(true)
  expect(draft.text).toBe('退款')
})

test('the channel stays, everything else goes', () => {
  Object.assign(draft, { channel: 'store', customer: '138', text: '没到', causes: ['delivery.late'], kind: 'complaint' })
  startAnew()
  expect(draft).toMatchObject({ channel: 'store', customer: '', text: '', causes: [], kind: '' })
})

test('a draft outlives the page', async () => {
  draft.text = '没到'
  await nextTick()
  expect(kept<{ text: string }>('draft')?.text).toBe('没到')
})
